using System.Reflection;
using Gyre.Drivers;
using Xunit;

namespace Gyre.Conformance;

/// <summary>
/// The contract of <see cref="Driver"/> as cases that any driver can be run through. Written against the public API alone,
/// so whoever writes a driver can use it.
/// </summary>
public static class ConformanceKit
{
    /// <summary>All cases, in the order of their names.</summary>
    public static IReadOnlyList<ConformanceCase> Cases { get; } = Collect();

    /// <summary>Runs a case on a driver: skips it when the driver's row of the table says so, throws when the driver fails.</summary>
    public static void Run(DriverUnderTest driver, ConformanceCase conformanceCase)
    {
        ArgumentNullException.ThrowIfNull(driver);
        ArgumentNullException.ThrowIfNull(conformanceCase);
        DriverCapabilities missing = conformanceCase.Needs & ~driver.Capabilities;
        Assert.SkipWhen(missing != 0, $"The {driver.Name} driver declares that it lacks: {missing}.");
        Descriptors.WarmUp(driver);
        Descriptors before = Descriptors.Take();
        using (var world = new World(driver))
        {
            conformanceCase.Body(world);
        }

        before.AssertNoneLeft();
    }

    private static List<ConformanceCase> Collect()
    {
        var cases = from type in typeof(ConformanceKit).Assembly.GetTypes()
                    from method in type.GetMethods(BindingFlags.Static | BindingFlags.Public | BindingFlags.DeclaredOnly)
                    let mark = method.GetCustomAttribute<ConformanceCaseAttribute>()
                    where mark is not null
                    let name = $"{type.Name.Replace("Cases", "", StringComparison.Ordinal)}: {method.Name.Replace('_', ' ')}"
                    orderby name
                    select new ConformanceCase(name, mark.Needs, mark.UsesUpDescriptors, BodyOf(method));
        return [.. cases];
    }

    private static Action<World> BodyOf(MethodInfo method)
    {
        if (method.GetParameters() is [{ } only] && only.ParameterType == typeof(World))
        {
            return method.CreateDelegate<Action<World>>();
        }

        Action<Rig> body = method.CreateDelegate<Action<Rig>>();
        return world =>
        {
            using Rig rig = world.OpenRig();
            body(rig);
            rig.Finish();
        };
    }
}
