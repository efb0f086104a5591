/*
 * amid-jsc: build-time tool. Compiles one ES5 program to the bytecode that amid-runner embeds, with
 * the very engine that will load it. The program's completion value is what the loader gets when it
 * calls the function.
 *
 *   amid-jsc NAME INPUT.js OUTPUT.bin     compile (NAME is the file name in stack traces)
 *   amid-jsc --run FILE...                run programs one after the other in one heap; print(...)
 * writes a line
 */
#include <duktape.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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

static int compile_file(duk_context *ctx, const char *name, const char *path)
{
    size_t len = 0;
    char *text = read_whole(path, &len);
    int failed;

    if (text == NULL) {
        fprintf(stderr, "amid-jsc: cannot read %s\n", path);
        return -1;
    }
    duk_push_string(ctx, name);
    failed = duk_pcompile_lstring_filename(ctx, 0, text, len);
    if (failed)
        fprintf(stderr, "amid-jsc: %s: %s\n", path, duk_safe_to_stacktrace(ctx, -1));
    free(text);
    return failed ? -1 : 0;
}

/*
 * The prelude keeps what the language calls internal slots in properties named __H_something. No
 * source text can name one of the engine's hidden properties, so the names become hidden here: a
 * constant string stands in the bytecode as a 32-bit big-endian length and its bytes, and a first
 * byte 0xFF makes it a hidden symbol.
 */
static void hide_names(unsigned char *bytes, size_t len)
{
    static const unsigned char mark[4] = {'_', '_', 'H', '_'};

    for (size_t at = 4; at + sizeof(mark) <= len; at++) {
        size_t name_len = bytes[at - 1];

        if (memcmp(bytes + at, mark, sizeof(mark)) != 0 || name_len <= sizeof(mark) ||
            name_len > len - at)
            continue;
        if (bytes[at - 4] == 0 && bytes[at - 3] == 0 && bytes[at - 2] == 0)
            bytes[at] = 0xFF;
    }
}

static int dump_function(duk_context *ctx, const char *path)
{
    size_t len = 0;
    void *bytes;
    FILE *file;
    int rc = -1;

    duk_dump_function(ctx);
    bytes = duk_get_buffer(ctx, -1, &len);
    hide_names(bytes, len);
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
        void *bytes;

        if (compile_file(ctx, paths[i], paths[i]) != 0)
            return -1;
        duk_dump_function(ctx);
        bytes = duk_get_buffer(ctx, -1, &len);
        hide_names(bytes, len);
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
    int rc;

    if (argc < 3) {
        fprintf(stderr, "usage: amid-jsc NAME INPUT.js OUTPUT.bin | amid-jsc --run FILE...\n");
        return 2;
    }
    ctx = duk_create_heap_default();
    if (ctx == NULL)
        return 1;
    if (strcmp(argv[1], "--run") == 0)
        rc = run_files(ctx, argc - 2, argv + 2);
    else if (argc == 4)
        rc = compile_file(ctx, argv[1], argv[2]) == 0 ? dump_function(ctx, argv[3]) : -1;
    else
        rc = -1;
    duk_destroy_heap(ctx);
    return rc == 0 ? 0 : 1;
}
