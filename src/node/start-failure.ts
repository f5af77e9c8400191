/** A reason not to run that the person at the keyboard can act on: shown as one line, without a stack. */
export class StartFailure extends Error {}
