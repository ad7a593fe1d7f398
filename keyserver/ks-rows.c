/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* What goes into the store and comes out of it. */

#include "config.h"

#include "ks-rows.h"

XimKsDeviceRow *
xim_ks_device_row_new (const XimDeviceId *id, guint32 serial, const char *note)
{
  XimKsDeviceRow *row = g_new0 (XimKsDeviceRow, 1);
  row->id = *id;
  row->serial = serial;
  row->note = g_strdup (note);
  return row;
}

void
xim_ks_device_row_free (XimKsDeviceRow *row)
{
  if (row == NULL)
    return;
  g_free (row->note);
  g_free (row);
}

GPtrArray *
xim_ks_device_rows_new (void)
{
  return g_ptr_array_new_with_free_func (
      (GDestroyNotify)xim_ks_device_row_free);
}

const XimKsLogged *
xim_ks_record_logged (const XimKsRecord *record)
{
  return record != NULL && record->is_logged ? &record->logged : NULL;
}

const XimKsDeviceRow *
xim_ks_record_device (const XimKsRecord *record, const XimDeviceId *id)
{
  for (guint i = 0; record != NULL && i < record->devices->len; i++)
    {
      const XimKsDeviceRow *row = record->devices->pdata[i];
      if (xim_device_id_compare (&row->id, id) == 0)
        return row;
    }
  return NULL;
}

void
xim_ks_record_free (XimKsRecord *record)
{
  if (record == NULL)
    return;
  g_free (record->note);
  g_clear_pointer (&record->devices, g_ptr_array_unref);
  g_free (record);
}

void
xim_ks_account_write_free (XimKsAccountWrite *write)
{
  if (write == NULL)
    return;
  g_free (write->jid);
  g_free (write->note);
  g_clear_pointer (&write->devices, g_ptr_array_unref);
  g_free (write);
}

void
xim_ks_erase_write_free (XimKsEraseWrite *write)
{
  if (write == NULL)
    return;
  g_free (write->jid);
  g_free (write->text);
  g_free (write);
}

void
xim_ks_device_write_free (XimKsDeviceWrite *write)
{
  if (write == NULL)
    return;
  g_free (write->jid);
  xim_ks_device_row_free (write->row);
  g_free (write);
}
