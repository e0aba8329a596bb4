#include <algorithm>
#include <cstdio>
#include <string>

namespace {

/* By stdio: not every library for WASI has file streams. */
bool read(const char *path, std::string &text) {
  FILE *file = std::fopen(path, "r");
  if (!file) {
    return false;
  }
  char part[4096];
  for (size_t size; (size = std::fread(part, 1, sizeof part, file)) > 0;) {
    text.append(part, size);
  }
  std::fclose(file);
  return true;
}

} // namespace

/* Counts the lines of the file that is its argument. */
int main(int argc, char **argv) {
  if (argc != 2) {
    std::fprintf(stderr, "usage: %s FILE\n", argv[0]);
    return 2;
  }
  std::string text;
  if (!read(argv[1], text)) {
    std::perror(argv[1]);
    return 1;
  }
  std::printf("%ld %s\n",
              static_cast<long>(std::count(text.begin(), text.end(), '\n')),
              argv[1]);
}
