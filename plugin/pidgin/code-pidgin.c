/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The X-IM developers */
/* A QR code as a picture in a window of its own. */

#include "config.h"

#include <purple.h>

#include "plugin/pidgin/code-pidgin.h"

#include "plugin/i18n.h"

#define MODULE_PIXELS 6
#define BORDER_PIXELS 12
#define RGB_BYTES 3
#define WINDOW_NAME "xim-code" /* of the widget, for tests */

static GtkWidget *window;

static void
fill_module (guchar *pixels, guint rowstride, guint column, guint row)
{
  for (guint y = row * MODULE_PIXELS; y < (row + 1) * MODULE_PIXELS; y++)
    for (guint x = 0; x < MODULE_PIXELS * RGB_BYTES; x++)
      pixels[y * rowstride + column * MODULE_PIXELS * RGB_BYTES + x] = 0;
}

static GdkPixbuf *
draw (const XimFaceCode *code)
{
  const guint n = code->width + 2 * code->margin;
  const int size = (int)(n * MODULE_PIXELS);
  GdkPixbuf *picture
      = gdk_pixbuf_new (GDK_COLORSPACE_RGB, FALSE, 8, size, size);
  gdk_pixbuf_fill (picture, 0xffffffff);
  for (guint row = 0; row < code->width; row++)
    for (guint column = 0; column < code->width; column++)
      if (code->modules[row * code->width + column] != 0)
        fill_module (gdk_pixbuf_get_pixels (picture),
                     (guint)gdk_pixbuf_get_rowstride (picture),
                     column + code->margin, row + code->margin);
  return picture;
}

static void
forget (GtkWidget *widget, gpointer data)
{
  (void)data;
  if (window == widget)
    window = NULL;
}

void
xim_pidgin_code_show (PidginConversation *gtkconv, const char *who,
                      const XimFaceCode *code)
{
  GtkWidget *top = gtk_widget_get_toplevel (gtkconv->tab_cont);
  GdkPixbuf *picture = draw (code);
  GtkWidget *image = gtk_image_new_from_pixbuf (picture);
  char *text = g_strdup_printf (
      _ ("Let the program of %s scan this code, or compare the number in the "
         "conversation."),
      who);
  GtkWidget *label = gtk_label_new (text);
  GtkWidget *box = gtk_vbox_new (FALSE, BORDER_PIXELS);

  xim_pidgin_code_close ();
  window = gtk_window_new (GTK_WINDOW_TOPLEVEL);
  gtk_widget_set_name (window, WINDOW_NAME);
  gtk_window_set_title (GTK_WINDOW (window), _ ("Compare keys"));
  gtk_window_set_resizable (GTK_WINDOW (window), FALSE);
  gtk_container_set_border_width (GTK_CONTAINER (window), BORDER_PIXELS);
  if (GTK_IS_WINDOW (top))
    {
      gtk_window_set_transient_for (GTK_WINDOW (window), GTK_WINDOW (top));
      gtk_window_set_destroy_with_parent (GTK_WINDOW (window), TRUE);
    }
  gtk_label_set_line_wrap (GTK_LABEL (label), TRUE);
  gtk_box_pack_start (GTK_BOX (box), image, FALSE, FALSE, 0);
  gtk_box_pack_start (GTK_BOX (box), label, FALSE, FALSE, 0);
  gtk_container_add (GTK_CONTAINER (window), box);
  g_signal_connect (window, "destroy", G_CALLBACK (forget), NULL);
  gtk_widget_show_all (window);
  g_object_unref (picture);
  g_free (text);
}

void
xim_pidgin_code_close (void)
{
  if (window != NULL)
    gtk_widget_destroy (window);
}
