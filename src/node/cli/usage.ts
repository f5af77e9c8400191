// A command line that is not valid.
import { StartFailure } from '../start-failure.ts'

/** `identity-edge` prints it in one line with a hint at --help, and exits with 2. */
export class UsageError extends StartFailure {}
