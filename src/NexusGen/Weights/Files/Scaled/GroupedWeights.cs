using static TorchSharp.torch;

namespace NexusGen.Weights.Files.Scaled;

/// <summary>
/// Reads how AWQ or GPTQ stored a weight of four bits: <c>X.qweight</c>, <c>X.qzeros</c>, <c>X.scales</c> and, for GPTQ,
/// <c>X.g_idx</c>.
/// </summary>
internal static class GroupedWeights
{
    private const int PerWord = 8;

    /// <summary>Finds the parts of a weight and checks them.</summary>
    /// <param name="store">The files.</param>
    /// <param name="words">The tensor with the numbers.</param>
    /// <param name="prefix">The name of the layer with its last dot.</param>
    /// <param name="configuration">What the checkpoint declares.</param>
    /// <param name="parts">Receives the names of the parts.</param>
    /// <exception cref="WeightFileException">A part is missing, does not fit, or has a form that is not read.</exception>
    public static ScaledTensor Read(
        ITensorStore store,
        TensorEntry words,
        string prefix,
        QuantizationConfiguration configuration,
        HashSet<string> parts)
    {
        TensorEntry zeros = Part("qzeros"), scales = Part("scales");
        TensorEntry? groups = store.Entries.GetValueOrDefault(prefix + "g_idx");
        bool isAwq = IsAwq(words, scales, groups, configuration);
        CheckDeclaration(words, isAwq, configuration);
        if (words.Shape.Length != 2 || zeros.Shape.Length != 2 || scales.Shape.Length != 2
            || words.Type != ScalarType.Int32 || zeros.Type != ScalarType.Int32 || scales.Shape[0] < 1 || scales.Shape[1] < 1)
        {
            throw Refuse(words, "does not have the words, zeros and scales of four-bit groups");
        }

        (long count, long outFeatures) = (scales.Shape[0], scales.Shape[1]);
        long inFeatures = isAwq ? words.Shape[0] : words.Shape[0] * PerWord;
        bool fits = (isAwq ? words.Shape[1] * PerWord : words.Shape[1]) == outFeatures
            && outFeatures % PerWord == 0
            && zeros.Shape[0] == count
            && zeros.Shape[1] * PerWord == outFeatures
            && inFeatures is > 0 and <= int.MaxValue
            && (groups is null ? inFeatures % count == 0 : groups.Shape.AsSpan().SequenceEqual([inFeatures]));
        if (!fits)
        {
            throw Refuse(
                words,
                $"has the shape {TensorLayout.Format(words.Shape)}, which does not fit four bits with scales "
                + $"{TensorLayout.Format(scales.Shape)} and zeros {TensorLayout.Format(zeros.Shape)}");
        }

        parts.UnionWith([zeros.Name, scales.Name]);
        parts.UnionWith(groups is null ? [] : [groups.Name]);
        return new GroupedInt4(words, prefix + "weight", outFeatures, inFeatures)
        {
            Scales = scales,
            Zeros = zeros,
            Groups = groups,
            PacksOutput = isAwq,
            ZerosMinusOne = !isAwq && configuration.Format != "gptq_v2",
        };

        TensorEntry Part(string name) => store.Entries.GetValueOrDefault(prefix + name)
            ?? throw Refuse(words, $"has no {prefix + name} beside it");
    }

    // The two pack along different dimensions, which tells them apart if nothing is declared.
    private static bool IsAwq(
        TensorEntry words,
        TensorEntry scales,
        TensorEntry? groups,
        QuantizationConfiguration configuration) =>
        configuration.Method switch
        {
            "awq" => true,
            "gptq" => false,
            null => groups is null && words.Shape.Length == 2 && scales.Shape.Length == 2
                && words.Shape[1] * PerWord == scales.Shape[1],
            var other => throw Refuse(words, $"was quantized with {other}, which is not read"),
        };

    private static void CheckDeclaration(TensorEntry words, bool isAwq, QuantizationConfiguration configuration)
    {
        if (configuration.Bits is { } bits and not 4)
        {
            throw Refuse(words, $"has {bits} bits according to its configuration; four are read");
        }

        if (isAwq && configuration.Version is { } version and not "gemm")
        {
            throw Refuse(words, $"is packed in AWQ's version {version}, which is not read; gemm is");
        }

        if (!isAwq && configuration.Format is { } format and not ("gptq" or "gptq_v2"))
        {
            throw Refuse(words, $"has the checkpoint_format {format}, which is not read; gptq and gptq_v2 are");
        }
    }

    private static WeightFileException Refuse(TensorEntry entry, string why) =>
        new($"The tensor {entry.Name} in {entry.File} {why}.");
}
