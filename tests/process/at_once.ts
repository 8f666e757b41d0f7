/**
 * Options of steps that run at the same time, because they mostly wait for processes: the test takes as long as the
 * longest. What a step leaves open fails its test. Steps are started in the test's own file, which reports name.
 */
export const AT_ONCE = { sanitizeOps: false, sanitizeResources: false, sanitizeExit: false };
