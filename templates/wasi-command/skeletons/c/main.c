#include <stdio.h>

/* Counts the lines of the file that is its argument. */
int main(int argc, char **argv) {
  if (argc != 2) {
    fprintf(stderr, "usage: %s FILE\n", argv[0]);
    return 2;
  }
  FILE *file = fopen(argv[1], "r");
  if (!file) {
    perror(argv[1]);
    return 1;
  }
  long lines = 0;
  for (int character; (character = fgetc(file)) != EOF;) {
    lines += character == '\n';
  }
  fclose(file);
  printf("%ld %s\n", lines, argv[1]);
}
