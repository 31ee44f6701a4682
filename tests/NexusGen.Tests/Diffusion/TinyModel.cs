using NexusGen.Model;
using NexusGen.Torch;
using NexusGen.Verification;
using NexusGen.Weights.Modules;
using TorchSharp;
using static TorchSharp.torch;

namespace NexusGen.Tests.Diffusion;

/// <summary>The reference's small model, and the cases that were made with it.</summary>
internal static class TinyModel
{
    /// <summary>The CPU in bfloat16.</summary>
    public static LoadOptions Half { get; } = new(new Placement(CPU, ScalarType.BFloat16));

    /// <summary>Its folder.</summary>
    public static string Folder => ReferenceFolder.TinyModel;

    /// <summary>Its files.</summary>
    public static ModelFiles Open() => new(ModelPaths.Find(Folder));

    /// <summary>The cases of one kind.</summary>
    public static TheoryData<string> Cases(string kind) =>
        [.. Directory.GetDirectories(Path.Combine(ReferenceFolder.Path, "cases", kind)).Select(folder => Path.GetFileName(folder)).Order()];

    /// <summary>One case.</summary>
    public static ReferenceCase Case(string kind, string name) =>
        ReferenceCase.Open(ReferenceFolder.Path, Path.Combine(ReferenceFolder.Path, "cases", kind, name));

    /// <summary>Compares as the cases do: the largest difference, relative to the largest expected number.</summary>
    public static void AssertNear(Tensor expected, Tensor actual, double relative)
    {
        using var scope = NewDisposeScope();
        Assert.Equal(expected.shape, actual.shape);
        Tensor difference = expected.to(ScalarType.Float32) - actual.to(ScalarType.Float32);
        double error = difference.abs().max().item<float>() / expected.to(ScalarType.Float32).abs().max().item<float>();
        Assert.True(error <= relative, $"{error:g3} instead of at most {relative:g3}");
    }

    /// <summary>Whether two tensors are the same bit for bit.</summary>
    public static bool Same(Tensor one, Tensor other) => one.dtype == other.dtype && one.Equals(other);

    /// <summary>How many tensors of this thread are alive.</summary>
    public static long LiveTensors() => DisposeScopeManager.Statistics.TensorStatistics.ThreadTotalLiveCount;
}
