using NexusGen.Model;
using NexusGen.Torch;
using NexusGen.Verification;
using NexusGen.Weights.Modules;
using TorchSharp;
using static TorchSharp.torch;

namespace NexusGen.Tests.Diffusion;

/// <summary>The small reference model, and the cases that were created with it.</summary>
internal static class TinyModel
{
    /// <summary>Gets the options for loading on the CPU in bfloat16.</summary>
    public static LoadOptions Half { get; } = new(new Placement(CPU, ScalarType.BFloat16));

    /// <summary>Gets the folder of the model.</summary>
    public static string Folder => ReferenceFolder.TinyModel;

    /// <summary>Opens the files of the model.</summary>
    public static ModelFiles Open() => new(ModelPaths.Find(Folder));

    /// <summary>Returns the cases of one kind.</summary>
    public static TheoryData<string> Cases(string kind) =>
        [
            .. Directory.GetDirectories(Path.Combine(ReferenceFolder.Path, "cases", kind))
                .Select(folder => Path.GetFileName(folder))
                .Order()
        ];

    /// <summary>Opens a case.</summary>
    public static ReferenceCase Case(string kind, string name) =>
        ReferenceCase.Open(ReferenceFolder.Path, Path.Combine(ReferenceFolder.Path, "cases", kind, name));

    /// <summary>
    /// Compares tensors as the cases do: by the largest difference, relative to the largest expected magnitude.
    /// </summary>
    public static void AssertNear(Tensor expected, Tensor actual, double relative)
    {
        using var scope = NewDisposeScope();
        Assert.Equal(expected.shape, actual.shape);
        Tensor difference = expected.to(ScalarType.Float32) - actual.to(ScalarType.Float32);
        double error = difference.abs().max().item<float>() / expected.to(ScalarType.Float32).abs().max().item<float>();
        Assert.True(error <= relative, $"{error:g3} instead of at most {relative:g3}");
    }

    /// <summary>Returns whether two tensors are equal bit for bit.</summary>
    public static bool Same(Tensor one, Tensor other) => one.dtype == other.dtype && one.Equals(other);

    /// <summary>Returns the number of live tensors of this thread.</summary>
    public static long LiveTensors() => DisposeScopeManager.Statistics.TensorStatistics.ThreadTotalLiveCount;
}
