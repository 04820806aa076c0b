/**
 * The machine and the checkout that the lab runs in: the kernel's accounts, pinning to cores,
 * subprocesses, JDKs, and what the build has made.
 */
@NullMarked
package lapalma.compare.host;

import org.jspecify.annotations.NullMarked;
