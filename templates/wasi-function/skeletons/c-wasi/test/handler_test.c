#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "../function.h"

/* In place of wasi.c: what the tests answer. */
static int upstream_status;

bool fetch(const char *url, struct response *response) {
  (void)url;
  response->status = upstream_status;
  add_text(&response->body, "from far\n");
  return upstream_status != 0;
}

const char *setting(const char *name, const char *fallback) {
  const char *value = getenv(name);
  return value && *value ? value : fallback;
}

static void expect(struct request request, int status, const char *body) {
  struct response response = {.status = 200};
  handle(&request, &response);
  assert(response.status == status);
  assert(strcmp(response.body.bytes, body) == 0);
  free(response.body.bytes);
}

static struct request get(const char *path, const char *query) {
  return (struct request){.method = "GET", .path = path, .query = query};
}

int main(void) {
  expect(get("/", ""), 200, "Hello, world!\n");
  expect(get("/", "a=b&name=Ada%20Lovelace"), 200, "Hello, Ada Lovelace!\n");
  expect(get("/", "name=100%"), 200, "Hello, 100%!\n");
  setenv("GREETING", "Moi", 1);
  expect(get("/", "name=Ada"), 200, "Moi, Ada!\n");

  expect((struct request){.method = "POST",
                          .path = "/echo",
                          .query = "a=1",
                          .body = {.bytes = "text", .length = 4}},
         200, "method: POST\npath: /echo\nquery: a=1\nbody: text\n");

  expect(get("/upstream", ""), 503, "UPSTREAM_URL is not set\n");
  setenv("UPSTREAM_URL", "http://localhost", 1);
  expect(get("/upstream", ""), 502, "upstream failed\n");
  upstream_status = 201;
  expect(get("/upstream", ""), 200, "upstream: 201\nfrom far\n");

  expect(get("/nowhere", ""), 404, "Not found\n");
  return 0;
}
