/*
 * page.c - see page.h.
 */
#include "policy/page.h"

const char *const page_languages[PAGE_LANGUAGES] = {"en", "de", "fr", "es"};

const char page_policy[] = "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; "
			   "base-uri 'none'; frame-ancestors 'none'";

/* Colours have a contrast of 7:1 and more (WCAG 2.1, AAA), on light and dark ground; the button is
 * 44 pixels high, and a frame shows where the keyboard is. */
static const char head[] =
    "<meta charset=\"utf-8\">\n"
    "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
    "<meta name=\"robots\" content=\"noindex\">\n"
    "<meta name=\"color-scheme\" content=\"light dark\">\n"
    "<style>\n"
    "body { font: 1.125rem/1.5 system-ui, sans-serif; color: #1a1a1a; background: #eef1f6; margin: "
    "0; padding: 6vh 1rem }\n"
    "main { max-width: 30rem; margin: 0 auto; padding: 2.25rem 2rem; background: #fff; "
    "border-radius: .9rem; box-shadow: 0 .1rem .4rem #0b1a3326, 0 1rem 3rem #0b1a331a; "
    "overflow-wrap: anywhere }\n"
    "h1 { font-size: 1.75rem; line-height: 1.25; margin: 0 0 1rem }\n"
    "p { margin: 0 }\n"
    ".brand { font-size: 1rem; font-weight: 600; color: #404b5c; margin-bottom: 1.5rem; "
    "padding-bottom: 1rem; border-bottom: 1px solid #d5dbe5 }\n"
    "form { margin-top: 1.75rem }\n"
    "button { font: inherit; font-weight: 600; min-height: 2.75rem; padding: .6rem 1.6rem; border: "
    "2px solid #003e99; border-radius: .5rem; background: #003e99; color: #fff; cursor: pointer }\n"
    "button:hover { background: #002966 }\n"
    "button:focus-visible { outline: 3px solid #1a1a1a; outline-offset: 3px }\n"
    "@media (prefers-color-scheme: dark) {\n"
    "body { color: #f2f2f2; background: #101319 }\n"
    "main { background: #1b2029; box-shadow: none }\n"
    ".brand { color: #cfd5df; border-color: #3a4250 }\n"
    "button { background: #a8c7ff; border-color: #a8c7ff; color: #0b1a33 }\n"
    "button:hover { background: #d3e3ff }\n"
    "button:focus-visible { outline-color: #f2f2f2 }\n"
    "}\n"
    "</style>\n";

struct words {
	const char *title, *text; /* "%" stands for the address */
	const char *plain;        /* the text when there is none */
};

static const struct {
	struct words of[PAGE_NOT_FOUND + 1];
	const char *button;
} words[PAGE_LANGUAGES] = {
    {{{"Unsubscribe", "Do you want to receive no more of these messages at %?",
	  "Do you want to receive no more of these messages?"},
	 {"You are unsubscribed", "No more of these messages will be sent to %.",
	     "No more of these messages will be sent to you."},
	 {"That did not work", "We could not note that just now. Please try again in some minutes.",
	     NULL},
	 {"Page not found", "This link is not valid. Perhaps it was not copied as a whole.", NULL}},
	"Unsubscribe"},
    {{{"Abmelden", "Möchten Sie diese Nachrichten an % nicht mehr erhalten?",
	  "Möchten Sie diese Nachrichten nicht mehr erhalten?"},
	 {"Sie sind abgemeldet", "An % werden diese Nachrichten nicht mehr geschickt.",
	     "Diese Nachrichten werden Ihnen nicht mehr geschickt."},
	 {"Das hat nicht geklappt",
	     "Wir konnten das gerade nicht vermerken. Bitte versuchen Sie es in einigen Minuten "
	     "noch einmal.",
	     NULL},
	 {"Seite nicht gefunden",
	     "Dieser Link ist nicht gültig. Vielleicht wurde er nicht ganz kopiert.", NULL}},
	"Abmelden"},
    {{{"Se désabonner", "Souhaitez-vous ne plus recevoir ces messages à l’adresse % ?",
	  "Souhaitez-vous ne plus recevoir ces messages ?"},
	 {"Désabonnement confirmé", "Ces messages ne seront plus envoyés à l’adresse %.",
	     "Ces messages ne vous seront plus envoyés."},
	 {"Cela n’a pas fonctionné",
	     "Nous n’avons pas pu l’enregistrer. Veuillez réessayer dans quelques minutes.", NULL},
	 {"Page introuvable",
	     "Ce lien n’est pas valable. Peut-être n’a-t-il pas été copié en entier.", NULL}},
	"Se désabonner"},
    {{{"Darse de baja", "¿Desea no recibir más estos mensajes en %?",
	  "¿Desea no recibir más estos mensajes?"},
	 {"Se ha dado de baja", "Estos mensajes ya no se enviarán a %.",
	     "Estos mensajes ya no se le enviarán."},
	 {"No ha funcionado",
	     "No hemos podido registrarlo. Vuelva a intentarlo dentro de unos minutos.", NULL},
	 {"Página no encontrada", "Este enlace no es válido. Quizá no se haya copiado entero.",
	     NULL}},
	"Darse de baja"},
};

/* The bytes of the UTF-8 character (RFC 3629) at the front of s; 0: it is none, or one that
 * controls. */
static size_t
character_length(struct slice s)
{
	unsigned char lead = (unsigned char)s.p[0];
	unsigned char second = s.n > 1 ? (unsigned char)s.p[1] : 0;
	size_t n = lead < 0x80 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;

	if (n == 1)
		return lead >= ' ' && lead != 0x7f;
	if (lead < 0xc2 || lead > 0xf4 || s.n < n)
		return 0;
	for (size_t i = 1; i < n; i++) {
		if (((unsigned char)s.p[i] & 0xc0) != 0x80)
			return 0;
	}
	if ((lead == 0xc2 && second < 0xa0) || (lead == 0xe0 && second < 0xa0) ||
	    (lead == 0xed && second >= 0xa0) || (lead == 0xf0 && second < 0x90) ||
	    (lead == 0xf4 && second >= 0x90))
		return 0;
	return n;
}

static void
add_escaped(struct buf *out, struct slice text)
{
	while (text.n > 0) {
		size_t n = character_length(text);

		if (n == 0)
			buf_add_char(out, '?');
		else if (text.p[0] == '&')
			buf_add_text(out, "&amp;");
		else if (text.p[0] == '<')
			buf_add_text(out, "&lt;");
		else if (text.p[0] == '>')
			buf_add_text(out, "&gt;");
		else if (text.p[0] == '"')
			buf_add_text(out, "&quot;");
		else
			buf_add(out, slice_head(text, n));
		text = slice_from(text, n > 0 ? n : 1);
	}
}

/* The text, with the address where the '%' is. */
static void
add_text(struct buf *out, const struct words *w, struct slice address)
{
	struct slice text = slice_of(w->text);
	size_t at = slice_find(text, '%');

	if (address.n == 0 && w->plain != NULL) {
		buf_add_text(out, w->plain);
		return;
	}
	buf_add(out, slice_head(text, at));
	if (at == text.n)
		return;
	buf_add_text(out, "<strong dir=\"ltr\">");
	add_escaped(out, address);
	buf_add_text(out, "</strong>");
	buf_add(out, slice_from(text, at + 1));
}

static void
add_form(struct buf *out, const char *button)
{
	buf_add_text(out, "<form method=\"post\">\n"
			  "<input type=\"hidden\" name=\"unsubscribe\" value=\"yes\">\n"
			  "<button type=\"submit\">");
	buf_add_text(out, button);
	buf_add_text(out, "</button>\n</form>\n");
}

void
page_make(struct buf *out, const struct page *page)
{
	const struct words *w = &words[page->language].of[page->kind];

	buf_add_text(out, "<!DOCTYPE html>\n<html lang=\"");
	buf_add_text(out, page_languages[page->language]);
	buf_add_text(out, "\">\n<head>\n");
	buf_add_text(out, head);
	buf_add_text(out, "<title>");
	buf_add_text(out, w->title);
	if (page->brand.n > 0)
		buf_add_text(out, " – ");
	add_escaped(out, page->brand);
	buf_add_text(out, "</title>\n</head>\n<body>\n<main>\n");
	if (page->brand.n > 0) {
		buf_add_text(out, "<p class=\"brand\">");
		add_escaped(out, page->brand);
		buf_add_text(out, "</p>\n");
	}
	buf_add_text(out, "<h1>");
	buf_add_text(out, w->title);
	buf_add_text(out, page->kind == PAGE_ASK ? "</h1>\n<p>" : "</h1>\n<p role=\"status\">");
	add_text(out, w, page->address);
	buf_add_text(out, "</p>\n");
	if (page->kind == PAGE_ASK || page->kind == PAGE_LATER)
		add_form(out, words[page->language].button);
	buf_add_text(out, "</main>\n</body>\n</html>\n");
}
