using System.Security.Cryptography;
using System.Text.Json.Nodes;
using NexusGen.Torch;
using NexusGen.Torch.Native;
using static TorchSharp.torch;

namespace NexusGen.Verification;

/// <summary>
/// The cases of weight formats and LoRA files: community files of the small model, and what they mean. They differ from the other
/// cases in that a file may have to be refused, that values may be given by their hash or in another case, and that the models
/// are beside the folder. A refusal is a result: <c>refused</c> and <c>message</c>.
/// </summary>
internal static class FormatCases
{
    private const string Refused = "refused", Message = "message";

    /// <summary>Whether cases of a kind follow these rules.</summary>
    /// <param name="kind">The kind.</param>
    public static bool Has(string kind) => CaseKinds.LoraFiles.Computations.ContainsKey(kind);

    /// <summary>Gets the folder that the models of cases are relative to: the folder of the cases, or its parent.</summary>
    /// <param name="root">The folder of the cases.</param>
    public static string ModelRoot(string root)
    {
        string parent = Path.GetFullPath(Path.Combine(root, ".."));
        bool HasModels(string folder) => Directory.Exists(Path.Combine(folder, "models"));
        return !HasModels(root) && HasModels(parent) ? parent : root;
    }

    /// <summary>Creates the result of a case whose file was refused.</summary>
    /// <param name="message">The message of the refusal.</param>
    public static CaseOutput Refusal(string message) =>
        new CaseOutput().Add(Refused, JsonValue.Create(true)).Add(Message, JsonValue.Create(message));

    /// <summary>Compares the results of a case with the expected ones.</summary>
    /// <param name="reference">The case.</param>
    /// <param name="output">The results.</param>
    public static CaseResult Judge(ReferenceCase reference, CaseOutput output)
    {
        CaseResult Result(string? wrong, double error = double.PositiveInfinity) => new(
            reference.Kind, reference.Name, wrong is null ? Verdict.Passed : Verdict.Failed, error, wrong ?? "");
        string? message = output.Values.ContainsKey(Refused) ? output.Values[Message]!.GetValue<string>() : null;
        if (reference.Expected[Refused]?.GetValue<bool>() == true)
        {
            return message is null ? Result("was not refused")
                : Names(message, reference.Expected["message_contains_any"]) ? Result(null, 0)
                : Result($"the refusal names none of {reference.Expected["message_contains_any"]!.ToJsonString()}: {message}");
        }

        if (message is not null)
        {
            bool may = reference.Expected.Count == 0
                || Names(message, reference.Description["or_refuse"])
                || Names(message, reference.Description["may_refuse"]);
            return may ? Result(null, 0) : Result(message.ReplaceLineEndings(" "));
        }

        Deviation[] deviations = [.. Compare(reference, output)];
        double error = deviations.Select(deviation => deviation.Error).DefaultIfEmpty(0).Max();
        Deviation? worst = deviations.Where(deviation => !deviation.Within).MaxBy(deviation => deviation.Error);
        return worst is null ? Result(null, error) : Result($"{worst.What}, {worst.Where}", worst.Error);
    }

    private static bool Names(string message, JsonNode? words) => words is JsonArray list
        && list.Any(word => message.Contains(word!.GetValue<string>(), StringComparison.OrdinalIgnoreCase));

    private static IEnumerable<Deviation> Compare(ReferenceCase reference, CaseOutput output)
    {
        string? same = reference.Expected["same_as"]?.GetValue<string>();
        using ReferenceCase? other = same is null ? null : reference.Sibling(same);
        var hashes = reference.Expected["sha256"] as JsonObject;
        HashSet<string> own = [.. reference.ExpectedTensors], theirs = [.. other?.ExpectedTensors ?? []];
        string[]? listed = (reference.Expected["tensors"] as JsonArray)?.Select(item => item!.GetValue<string>()).ToArray();
        foreach (string tensor in (listed ?? []).Union(own).Union(hashes?.Select(pair => pair.Key) ?? []))
        {
            if (!output.Tensors.TryGetValue(tensor, out Tensor? actual))
            {
                yield return new Deviation(tensor, double.PositiveInfinity, false, "was not computed");
            }
            else if (own.Contains(tensor) || theirs.Contains(tensor))
            {
                using Tensor expected = (own.Contains(tensor) ? reference : other!).ExpectedTensor(tensor);
                using Tensor wide = is_floating_point(actual) ? expected.to(actual.dtype) : expected.alias();
                yield return TensorComparison.Compare(tensor, actual, wide, reference.Tolerance);
            }
            else if (hashes?[tensor] is { } hash)
            {
                bool equal = string.Equals(HashOf(actual), hash.GetValue<string>(), StringComparison.OrdinalIgnoreCase);
                yield return new Deviation(
                    tensor, equal ? 0 : double.PositiveInfinity, equal, equal ? "" : "has another SHA-256");
            }
        }

        foreach (string tensor in listed is null ? [] : output.Tensors.Keys.Except(listed).Except(own))
        {
            yield return new Deviation(tensor, double.PositiveInfinity, false, "should not have a value");
        }
    }

    // Of the float32 values, row by row, with −0 as 0.
    private static unsafe string HashOf(Tensor tensor)
    {
        using var scope = NewDisposeScope();
        Tensor values = tensor.to(ScalarType.Float32, CPU).Plus(Scalars.Of(0)).contiguous();
        var bytes = new ReadOnlySpan<byte>(NativeTensors.Data(values), checked((int)(values.NumberOfElements * sizeof(float))));
        return Convert.ToHexStringLower(SHA256.HashData(bytes));
    }
}
