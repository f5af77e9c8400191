/** An error the user can mend, such as a port that is taken. Commands print its message without a stack. */
export class StartFailure extends Error {}
