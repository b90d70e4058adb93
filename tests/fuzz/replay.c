/*
 * replay.c - a main for a fuzz harness without a fuzzer: each file named on the command line is one
 * input. So what a fuzzer once found stays found, in every ordinary test run.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#define INPUT_MAX_BYTES (1024 * 1024)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
main(int argc, char **argv)
{
	static uint8_t input[INPUT_MAX_BYTES];

	for (int i = 1; i < argc; i++) {
		FILE *file = fopen(argv[i], "rb");
		size_t n;

		if (file == NULL) {
			perror(argv[i]);
			return EXIT_FAILURE;
		}
		n = fread(input, 1, sizeof(input), file);
		(void)fclose(file);
		(void)LLVMFuzzerTestOneInput(input, n);
	}
	(void)printf("%d inputs\n", argc - 1);
	return EXIT_SUCCESS;
}
