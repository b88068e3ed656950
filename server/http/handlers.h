/* The handlers that routes.c names, by the file that holds them. Each gets a request
 * whose route, authentication and body limit are settled, on its loop. */
#ifndef CPA_SERVER_HTTP_HANDLERS_H
#define CPA_SERVER_HTTP_HANDLERS_H

struct exchange;

/* health.c */
void health_get(struct exchange *exchange);
/* root.c */
void root_redirect(struct exchange *exchange);
/* page.c */
void page_serve(struct exchange *exchange);
/* status.c */
void status_get(struct exchange *exchange);
/* settings.c */
void info_get(struct exchange *exchange);
void config_get(struct exchange *exchange);
void config_put(struct exchange *exchange);
void setup_post(struct exchange *exchange);
void policy_get(struct exchange *exchange);
void policy_change(struct exchange *exchange);
/* usage.c */
void usage_get(struct exchange *exchange);
/* export.c */
void export_get(struct exchange *exchange);
/* import.c; takes the body itself */
void import_post(struct exchange *exchange);
/* import_sessions.c; takes the body itself */
void import_sessions(struct exchange *exchange);
/* latest.c */
void latest_get(struct exchange *exchange);
/* unproxied.c */
void unproxied(struct exchange *exchange);

#endif
