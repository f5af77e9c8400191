// Imported by what has to start at once: nothing else belongs here.

/** The control token of local runs. It protects nothing that is reachable from elsewhere, and no deployment takes it. */
export const LOCAL_CONTROL_TOKEN = 'local-control'
