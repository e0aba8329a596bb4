/*
 * What compiled Swift expects of a C library: memory, and little else. There is
 * none for a module that runs on no operating system.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PAGE 65536
/* Of a block: its class, and room that keeps what follows aligned. */
#define HEADER 16
#define CLASSES 32

extern unsigned char __heap_base;

struct block {
  uint32_t class;
  struct block *next;
};

/* Freed blocks, by the power of two that is their size. */
static struct block *freed[CLASSES];
static uintptr_t top;

static void *take(size_t size) {
  if (top == 0) {
    top = ((uintptr_t)&__heap_base + HEADER - 1) & ~(uintptr_t)(HEADER - 1);
  }
  size_t have = __builtin_wasm_memory_size(0) * PAGE;
  if (top + size > have) {
    size_t pages = (top + size - have + PAGE - 1) / PAGE;
    if (__builtin_wasm_memory_grow(0, pages) == (size_t)-1) {
      __builtin_trap();
    }
  }
  void *memory = (void *)top;
  top += size;
  return memory;
}

void *malloc(size_t size) {
  uint32_t class = 5;
  while (((size_t)1 << class) < size + HEADER) {
    class++;
  }
  struct block *block = freed[class];
  if (block) {
    freed[class] = block->next;
  } else {
    block = take((size_t)1 << class);
  }
  block->class = class;
  return (char *)block + HEADER;
}

void free(void *memory) {
  if (memory) {
    struct block *block = (struct block *)((char *)memory - HEADER);
    block->next = freed[block->class];
    freed[block->class] = block;
  }
}

int posix_memalign(void **memory, size_t alignment, size_t size) {
  if (alignment > HEADER) {
    __builtin_trap();
  }
  *memory = malloc(size);
  return 0;
}

void *memmove(void *to, const void *from, size_t length) {
  /* One instruction, which minds where they overlap. */
  __builtin_memmove(to, from, length);
  return to;
}

void *memcpy(void *to, const void *from, size_t length) {
  __builtin_memmove(to, from, length);
  return to;
}

void *memset(void *to, int byte, size_t length) {
  __builtin_memset(to, byte, length);
  return to;
}

int memcmp(const void *left, const void *right, size_t length) {
  const unsigned char *a = left, *b = right;
  for (size_t i = 0; i < length; i++) {
    if (a[i] != b[i]) {
      return a[i] - b[i];
    }
  }
  return 0;
}

/* How the host gets memory for what it passes in. */
__attribute__((export_name("cabi_realloc")))
void *cabi_realloc(void *old, size_t old_size, size_t alignment, size_t size) {
  (void)alignment;
  void *memory = malloc(size);
  if (old_size > 0) {
    memmove(memory, old, old_size < size ? old_size : size);
    free(old);
  }
  return memory;
}

void release(void *memory) { free(memory); }

/* Seeds the hashes of sets and dictionaries. */
__attribute__((import_module("wasi:random/random@0.2.3"),
               import_name("get-random-u64"))) uint64_t random_u64(void);

void arc4random_buf(void *buffer, size_t length) {
  unsigned char *bytes = buffer;
  for (size_t i = 0; i < length; i++) {
    bytes[i] = (unsigned char)random_u64();
  }
}

uintptr_t __stack_chk_guard = 0x5bd1e995;

void __stack_chk_fail(void) { __builtin_trap(); }

/*
 * Swift's tables of Unicode are larger than all the rest. Without them, strings
 * are compared scalar by scalar, and each scalar is a Character of its own.
 */
const uint8_t *const _swift_stdlib_nfd_decompositions = NULL;

uint16_t _swift_stdlib_getNormData(uint32_t scalar) {
  (void)scalar;
  return 0;
}

uint32_t _swift_stdlib_getDecompositionEntry(uint32_t scalar) {
  (void)scalar;
  return 0;
}

uint32_t _swift_stdlib_getComposition(uint32_t first, uint32_t second) {
  (void)first;
  (void)second;
  return UINT32_MAX;
}

uint8_t _swift_stdlib_getGraphemeBreakProperty(uint32_t scalar) {
  (void)scalar;
  return 0;
}

bool _swift_stdlib_isInCB_Consonant(uint32_t scalar) {
  (void)scalar;
  return false;
}
