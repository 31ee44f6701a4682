using System.Reflection;
using NexusGen.Tests.Autoregressive;

namespace NexusGen.Tests.Architecture;

public sealed class ThreadStateTests
{
    /// <summary>Grad mode and dispose scopes belong to a thread, and an asynchronous test ends on another one.</summary>
    [Fact]
    public void TestsWithAStateOfTheThreadAreSynchronous()
    {
        MethodInfo[] tests =
        [
            .. typeof(InferenceTest).Assembly.GetTypes()
                .Where(HasThreadState)
                .SelectMany(type => type.GetMethods())
                .Where(method => method.GetCustomAttribute<FactAttribute>() is not null),
        ];

        Assert.True(tests.Length > 20);
        Assert.All(tests, test => Assert.Equal(typeof(void), test.ReturnType));
    }

    private static bool HasThreadState(Type type) => type.IsSubclassOf(typeof(InferenceTest))
        || type.GetFields(BindingFlags.Instance | BindingFlags.NonPublic).Any(field => field.Name == "_inference");
}
