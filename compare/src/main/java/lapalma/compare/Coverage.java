package lapalma.compare;

/** Placeholder of what a variant told. */
record Coverage(String variant) {}
