#include "function.h"

#include <stdlib.h>
#include <string.h>

static void grow(struct text *text, size_t length) {
  text->bytes = realloc(text->bytes, text->length + length + 1);
  if (!text->bytes) {
    abort();
  }
}

void add_bytes(struct text *text, const void *bytes, size_t length) {
  grow(text, length);
  if (length > 0) {
    memcpy(text->bytes + text->length, bytes, length);
  }
  text->length += length;
  text->bytes[text->length] = '\0';
}

void add_number(struct text *text, unsigned number) {
  if (number > 9) {
    add_number(text, number / 10);
  }
  add_bytes(text, &"0123456789"[number % 10], 1);
}

void add_strings(struct text *text, const char *const *strings) {
  for (; *strings; strings++) {
    add_bytes(text, *strings, strlen(*strings));
  }
}

static int hex_digit(char digit) {
  if (digit >= '0' && digit <= '9') {
    return digit - '0';
  }
  digit |= 0x20;
  return digit >= 'a' && digit <= 'f' ? digit - 'a' + 10 : -1;
}

static char *decode(const char *encoded, size_t length) {
  char *decoded = malloc(length + 1);
  if (!decoded) {
    abort();
  }
  size_t used = 0;
  for (size_t i = 0; i < length; i++) {
    int high = i + 2 < length ? hex_digit(encoded[i + 1]) : -1;
    int low = i + 2 < length ? hex_digit(encoded[i + 2]) : -1;
    if (encoded[i] == '%' && high >= 0 && low >= 0) {
      decoded[used++] = (char)(high << 4 | low);
      i += 2;
    } else {
      decoded[used++] = encoded[i] == '+' ? ' ' : encoded[i];
    }
  }
  decoded[used] = '\0';
  return decoded;
}

char *query_value(const char *query, const char *name) {
  size_t name_length = strlen(name);
  for (const char *pair = query; *pair;) {
    size_t length = strcspn(pair, "&");
    if (length > name_length && pair[name_length] == '=' &&
        strncmp(pair, name, name_length) == 0) {
      return decode(pair + name_length + 1, length - name_length - 1);
    }
    pair += length + (pair[length] == '&');
  }
  return NULL;
}
