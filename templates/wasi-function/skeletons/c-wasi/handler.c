#include <stdlib.h>
#include <string.h>

#include "function.h"

static void greet(const struct request *request, struct response *response) {
  char *name = query_value(request->query, "name");
  add_text(&response->body, setting("GREETING", "Hello"), ", ",
           name ? name : "world", "!\n");
  free(name);
}

static void echo(const struct request *request, struct response *response) {
  add_text(&response->body, "method: ", request->method, "\npath: ",
           request->path, "\nquery: ", request->query, "\nbody: ");
  add_bytes(&response->body, request->body.bytes, request->body.length);
  add_text(&response->body, "\n");
}

static void call_upstream(struct response *response) {
  const char *url = setting("UPSTREAM_URL", NULL);
  if (!url) {
    response->status = 503;
    add_text(&response->body, "UPSTREAM_URL is not set\n");
    return;
  }
  struct response upstream = {0};
  if (fetch(url, &upstream)) {
    add_text(&response->body, "upstream: ");
    add_number(&response->body, upstream.status);
    add_text(&response->body, "\n");
    add_bytes(&response->body, upstream.body.bytes, upstream.body.length);
  } else {
    response->status = 502;
    add_text(&response->body, "upstream failed\n");
  }
  free(upstream.body.bytes);
}

/* Every request meets a fresh instance of the module: what must last belongs elsewhere. */
void handle(const struct request *request, struct response *response) {
  bool get = strcmp(request->method, "GET") == 0;
  if (get && strcmp(request->path, "/") == 0) {
    greet(request, response);
  } else if (strcmp(request->path, "/echo") == 0) {
    echo(request, response);
  } else if (get && strcmp(request->path, "/upstream") == 0) {
    call_upstream(response);
  } else {
    response->status = 404;
    add_text(&response->body, "Not found\n");
  }
}
