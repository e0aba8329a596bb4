/* What handler.c is written with. How it meets WASI is in wasi.c. */
#ifndef FUNCTION_H
#define FUNCTION_H

#include <stdbool.h>
#include <stddef.h>

/* Bytes, and a NUL after them that does not count; all zeros where there are none. */
struct text {
  char *bytes;
  size_t length;
};

/* Path and query are as they were sent; the query is "" where there is none. */
struct request {
  const char *method;
  const char *path;
  const char *query;
  struct text body;
};

struct response {
  int status;
  struct text body;
};

/* Answers one request; the response is an empty one with status 200 until then. */
void handle(const struct request *request, struct response *response);

/* Asks another server by GET; false where no whole answer came. */
bool fetch(const char *url, struct response *response);

/* An environment variable; the fallback where it is empty or not set. */
const char *setting(const char *name, const char *fallback);

/* The value of a name in a query, decoded; NULL where the name is not in it. To be freed. */
char *query_value(const char *query, const char *name);

void add_bytes(struct text *text, const void *bytes, size_t length);
void add_number(struct text *text, unsigned number);

/* Adds strings: add_text(&text, "a", b, "c"). Smaller by far than printf and its kin. */
#define add_text(text, ...) \
  add_strings(text, (const char *const[]){__VA_ARGS__, NULL})
void add_strings(struct text *text, const char *const *strings);

#endif
