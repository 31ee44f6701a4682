using NexusGen.Conversion;
using NexusGen.Weights;
using NexusGen.Weights.Stores;
using static TorchSharp.torch;

namespace NexusGen.Tests.Conversion;

/// <summary>Conversions for tests.</summary>
internal static class Converted
{
    /// <summary>A decoder of the small model: many tensors in one file.</summary>
    public static string Decoder => Path.Combine(ReferenceFolder.TinyModel, "Nexus-GenV2", "generation_decoder.bin");

    public static ConversionRequest Request(string source, string output, string type) =>
        new(source, output, StorageType.Find(type, output)!);

    /// <summary>Converts, and returns the plan, which is still open.</summary>
    public static ConversionResult Run(string source, string output, string type)
    {
        using ConversionPlan plan = ConversionPlanner.Plan(Request(source, output, type));
        return new Converter(plan).Run();
    }

    /// <summary>The values of a tensor in float32.</summary>
    public static float[] Values(ITensorStore store, string name)
    {
        using Tensor value = store.Read(store.Entries[name], ScalarType.Float32);
        return value.data<float>().ToArray();
    }

    /// <summary>The bytes of all files, by their paths.</summary>
    public static Dictionary<string, byte[]> Files(string folder) =>
        Directory.GetFiles(folder, "*", SearchOption.AllDirectories)
            .ToDictionary(file => Path.GetRelativePath(folder, file), File.ReadAllBytes);

    public static ITensorStore Open(string path) => TensorStore.Open(path);
}
