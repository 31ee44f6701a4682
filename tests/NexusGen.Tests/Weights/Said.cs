using NexusGen.Weights.Files;
using NexusGen.Weights.Stores;

namespace NexusGen.Tests.Weights;

/// <summary>Checks that weights are refused, in one sentence that names what it must.</summary>
internal static class Said
{
    public static void ByOpening(string path, params string[] parts) => By(() => TensorStore.Open(path).Dispose(), parts);

    public static void By(Action action, params string[] parts)
    {
        string message = Assert.Throws<WeightFileException>(action).Message;
        Assert.EndsWith(".", message);
        Assert.DoesNotContain('\n', message);
        Assert.All(parts, part => Assert.Contains(part, message));
    }
}
