using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text.Json.Nodes;
using NexusGen.Torch;
using NexusGen.Torch.Native;
using NexusGen.Weights.Quantization;
using static TorchSharp.torch;

namespace NexusGen.Verification;

/// <summary>
/// Compares the results of cases about files of other tools: tensors with the stored ones, which may be in another case, and by
/// their hashes; quantized values by their bytes or their error; refusals with those that a case demands or allows.
/// </summary>
internal static class FormatComparison
{
    /// <summary>Compares the results of a case with what it expects.</summary>
    /// <param name="reference">The case.</param>
    /// <param name="output">The results.</param>
    public static IEnumerable<Deviation> Compare(ReferenceCase reference, CaseOutput output) =>
        output.Refusal is { } refusal ? [Refused(reference, refusal)]
        : MustRefuse(reference) ? [new Deviation("refused", double.PositiveInfinity, false, "was not refused")]
        : [
            .. Tensors(reference, output),
            .. Unlisted(reference, output),
            .. Hashes(reference, output),
            .. Bytes(reference, output),
            .. Errors(reference, output),
            .. Values(reference, output),
        ];

    private static Deviation Refused(ReferenceCase reference, string message)
    {
        string[] allowed = MustRefuse(reference)
            ? [.. Words(reference.Expected["message_contains_any"])]
            : [.. Words(reference.Description["or_refuse"]), .. Words(reference.Description["may_refuse"])];

        // Without expected results there is nothing to judge.
        bool within = reference.Expected.Count == 0
            || allowed.Any(word => message.Contains(word, StringComparison.OrdinalIgnoreCase));
        return new Deviation("refused", within ? 0 : double.PositiveInfinity, within, message);
    }

    private static bool MustRefuse(ReferenceCase reference) => reference.Expected["refused"]?.GetValue<bool>() == true;

    private static IEnumerable<string> Words(JsonNode? node) => node switch
    {
        JsonArray list => list.Select(word => word!.GetValue<string>()),
        JsonValue value => [value.GetValue<string>()],
        _ => [],
    };

    private static IEnumerable<Deviation> Tensors(ReferenceCase reference, CaseOutput output)
    {
        if (IsQuantization(reference))
        {
            yield break;
        }

        using ReferenceCase? other =
            reference.Expected["same_as"] is { } same ? reference.Sibling(same.GetValue<string>()) : null;
        HashSet<string> own = [.. reference.ExpectedTensors], theirs = [.. other?.ExpectedTensors ?? []];
        foreach (string name in own.Union(Words(reference.Expected["tensors"])))
        {
            if (!output.Tensors.TryGetValue(name, out Tensor? actual))
            {
                yield return Missing(name);
            }
            else if ((own.Contains(name) ? reference : theirs.Contains(name) ? other : null) is { } holder)
            {
                using Tensor expected = holder.ExpectedTensor(name).to(ScalarType.Float32);
                yield return TensorComparison.Compare(name, actual, expected, reference.Tolerance);
            }
        }
    }

    // Where a case lists the tensors that have values, the others must have none.
    private static IEnumerable<Deviation> Unlisted(ReferenceCase reference, CaseOutput output) =>
        reference.Expected["tensors"] is null
            ? []
            : output.Tensors.Keys.Except(Words(reference.Expected["tensors"])).Except(reference.ExpectedTensors)
                .Select(name => new Deviation(name, double.PositiveInfinity, false, "should not have a value"));

    private static IEnumerable<Deviation> Hashes(ReferenceCase reference, CaseOutput output)
    {
        foreach ((string name, JsonNode? expected) in reference.Expected["sha256"] as JsonObject ?? [])
        {
            if (!output.Tensors.TryGetValue(name, out Tensor? actual))
            {
                yield return Missing(name);
                continue;
            }

            long[] shape = [.. expected!["shape"]!.AsArray().Select(side => side!.GetValue<long>())];
            string found = Hash(actual), wanted = expected["sha256"]!.GetValue<string>();
            bool equal = actual.shape.AsSpan().SequenceEqual(shape) && found == wanted;
            yield return new Deviation(
                name,
                equal ? 0 : double.PositiveInfinity,
                equal,
                equal ? "" : $"[{string.Join(", ", actual.shape)}] {found} instead of [{string.Join(", ", shape)}] {wanted}");
        }
    }

    private static IEnumerable<Deviation> Bytes(ReferenceCase reference, CaseOutput output) =>
        Words(reference.Expected["bit_exact"]).Select(name => output.Tensors.TryGetValue(name, out Tensor? actual)
            ? TensorComparison.Compare(name, actual, reference.ExpectedTensor(name), Tolerance.Exact)
            : Missing(name));

    private static IEnumerable<Deviation> Errors(ReferenceCase reference, CaseOutput output)
    {
        double factor = reference.Description["tolerance"] is JsonObject tolerance
            ? tolerance["mean_squared_error_factor"]?.GetValue<double>() ?? 1
            : 1;
        foreach ((string name, JsonNode? expected) in reference.Expected["mean_squared_error"] as JsonObject ?? [])
        {
            if (!output.Tensors.TryGetValue(name, out Tensor? actual))
            {
                yield return Missing(name);
                continue;
            }

            int dot = name.LastIndexOf('.');
            double error = MeanSquaredError(
                actual, reference.Tensor(name[..dot]), GgmlTypes.Find(name[(dot + 1)..])!.Blocks!);
            double limit = expected!.GetValue<double>();
            double excess = Math.Max(0, (error / limit) - 1);
            yield return new Deviation(
                name,
                excess,
                error <= factor * limit,
                FormattableString.Invariant($"{error:g6}, {error / limit:0.000} of ggml's"));
        }
    }

    private static unsafe double MeanSquaredError(Tensor bytes, Tensor values, Weights.BlockFormat blocks)
    {
        using Tensor widened = empty_like(values);
        blocks.Widen(NativeTensors.Data(bytes), (float*)NativeTensors.Data(widened), values.NumberOfElements / blocks.Values);
        using Tensor difference = (widened - values).to(ScalarType.Float64);
        return difference.Squared().mean().item<double>();
    }

    // Values that the results have too; "types" and "metadata" of GGUF files.
    private static IEnumerable<Deviation> Values(ReferenceCase reference, CaseOutput output) => reference.Expected
        .Where(pair => output.Values.ContainsKey(pair.Key))
        .SelectMany(pair => ValueComparison.Compare(pair.Key, output.Values[pair.Key], pair.Value, Tolerance.Exact));

    private static bool IsQuantization(ReferenceCase reference) => reference.Expected.ContainsKey("bit_exact");

    private static Deviation Missing(string name) => new(name, double.PositiveInfinity, false, "was not computed");

    // Negative zeros count as zeros, which adding zero makes them.
    private static unsafe string Hash(Tensor tensor)
    {
        using Tensor values = tensor.to(ScalarType.Float32).contiguous();
        float* data = (float*)NativeTensors.Data(values);
        float[] copy = new float[values.NumberOfElements];
        for (int i = 0; i < copy.Length; i++)
        {
            copy[i] = data[i] + 0f;
        }

        return Convert.ToHexStringLower(SHA256.HashData(MemoryMarshal.AsBytes(copy.AsSpan())));
    }
}
