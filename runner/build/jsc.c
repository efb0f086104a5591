/*
 * amid-jsc: build-time tool. Compiles one ES5 program to the bytecode that amid-runner embeds, with
 * the very engine that will load it. The program's completion value is what the loader gets when it
 * calls the function.
 *
 *   amid-jsc NAME INPUT.js OUTPUT.bin     compile (NAME is the file name in stack traces)
 *   amid-jsc --run FILE...                run programs one after the other in one heap; print(...)
 * writes a line
 */
#include "runner/build/bytecode.h"

#include <duktape.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The list of a lean program's constructors. */
#define MAX_CONSTRUCTORS_BYTES 4096

static char *read_whole(const char *path, size_t *ret_len)
{
    FILE *file = fopen(path, "rb");
    char *text = NULL;
    long len;

    if (file == NULL)
        return NULL;
    if (fseek(file, 0, SEEK_END) == 0 && (len = ftell(file)) >= 0 &&
        fseek(file, 0, SEEK_SET) == 0) {
        text = malloc((size_t)len + 1);
        if (text != NULL && fread(text, 1, (size_t)len, file) == (size_t)len) {
            text[len] = '\0';
            *ret_len = (size_t)len;
        } else {
            free(text);
            text = NULL;
        }
    }
    fclose(file);
    return text;
}

static duk_ret_t js_print(duk_context *ctx)
{
    duk_push_string(ctx, " ");
    duk_insert(ctx, 0);
    duk_join(ctx, duk_get_top(ctx) - 1);
    fprintf(stdout, "%s\n", duk_safe_to_string(ctx, -1));
    return 0;
}

static int compile_file(duk_context *ctx, const char *name, const char *path,
                        char *ret_constructors, size_t size)
{
    size_t len = 0;
    char *text = read_whole(path, &len);
    const char *mark;
    int failed;

    if (text == NULL) {
        fprintf(stderr, "amid-jsc: cannot read %s\n", path);
        return -1;
    }
    mark = strstr(text, BYTECODE_LEAN_MARK);
    snprintf(ret_constructors, size, "%s", mark != NULL ? mark + strlen(BYTECODE_LEAN_MARK) : "");
    ret_constructors[strcspn(ret_constructors, " ")] = '\0';
    duk_push_string(ctx, name);
    failed = duk_pcompile_lstring_filename(ctx, 0, text, len);
    if (failed)
        fprintf(stderr, "amid-jsc: %s: %s\n", path, duk_safe_to_stacktrace(ctx, -1));
    free(text);
    return failed ? -1 : 0;
}

/* Turns the compiled function on the stack's top into bytecode, as the program asked for it. */
static void *dump_bytecode(duk_context *ctx, const char *constructors, size_t *ret_len)
{
    unsigned char *bytes;
    size_t len = 0;

    duk_dump_function(ctx);
    bytes = duk_get_buffer(ctx, -1, &len);
    bytecode_hide_names(bytes, len);
    if (constructors[0] != '\0') {
        len = bytecode_make_lean(bytes, len, constructors);
        if (len == 0)
            return NULL;
        bytes = duk_resize_buffer(ctx, -1, len);
    }
    *ret_len = len;
    return bytes;
}

static int dump_function(duk_context *ctx, const char *path, const char *constructors)
{
    size_t len = 0;
    void *bytes = dump_bytecode(ctx, constructors, &len);
    FILE *file;
    int rc = -1;

    if (bytes == NULL) {
        fprintf(stderr, "amid-jsc: this engine's bytecode is not what bytecode.c knows\n");
        return -1;
    }
    file = fopen(path, "wb");
    if (file == NULL) {
        fprintf(stderr, "amid-jsc: cannot write %s\n", path);
        return -1;
    }
    if (fwrite(bytes, 1, len, file) == len)
        rc = 0;
    if (fclose(file) != 0)
        rc = -1;
    return rc;
}

static int run_files(duk_context *ctx, int count, char **paths)
{
    duk_push_c_function(ctx, js_print, DUK_VARARGS);
    duk_put_global_string(ctx, "print");
    for (int i = 0; i < count; i++) {
        size_t len = 0;
        char constructors[MAX_CONSTRUCTORS_BYTES];

        if (compile_file(ctx, paths[i], paths[i], constructors, sizeof(constructors)) != 0 ||
            dump_bytecode(ctx, constructors, &len) == NULL)
            return -1;
        duk_load_function(ctx);
        if (duk_pcall(ctx, 0) != DUK_EXEC_SUCCESS) {
            fprintf(stderr, "amid-jsc: %s: %s\n", paths[i], duk_safe_to_stacktrace(ctx, -1));
            return -1;
        }
        duk_pop(ctx);
    }
    return 0;
}

int main(int argc, char **argv)
{
    duk_context *ctx;
    char constructors[MAX_CONSTRUCTORS_BYTES];
    int rc = -1;

    if (argc < 3) {
        fprintf(stderr, "usage: amid-jsc NAME INPUT.js OUTPUT.bin | amid-jsc --run FILE...\n");
        return 2;
    }
    ctx = duk_create_heap_default();
    if (ctx == NULL)
        return 1;
    if (strcmp(argv[1], "--run") == 0)
        rc = run_files(ctx, argc - 2, argv + 2);
    else if (argc == 4 &&
             compile_file(ctx, argv[1], argv[2], constructors, sizeof(constructors)) == 0)
        rc = dump_function(ctx, argv[3], constructors);
    duk_destroy_heap(ctx);
    return rc == 0 ? 0 : 1;
}
