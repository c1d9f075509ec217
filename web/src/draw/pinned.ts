/**
 * Hashes of production policies this build trusts. A body that runs the service puts its own here when it builds;
 * a hash typed by the person (from the draw certificate) is trusted beside them.
 */
export const PINNED_POLICIES: readonly string[] = []
