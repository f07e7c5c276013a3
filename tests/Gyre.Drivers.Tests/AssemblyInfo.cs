using Xunit.Sdk;
using Xunit.v3;

// The cases count the descriptors of the process, so only one may run at a time.
[assembly: Parallelization(Mode = ParallelMode.None)]
