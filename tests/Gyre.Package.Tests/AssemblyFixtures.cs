using Gyre.Package.Tests;
using Xunit;

[assembly: AssemblyFixture(typeof(Feed))]
