using System.Text.Json.Nodes;
using NexusGen.Core;
using static TorchSharp.torch;

namespace NexusGen.Verification;

/// <summary>
/// Computes reference cases and compares the results with those of the official code. It verifies a machine, a device or a
/// precision. It works on any folder of cases, because the kind and the inputs of a case determine what is computed.
/// </summary>
/// <param name="options">How to compute.</param>
public sealed class Verifier(VerifierOptions options)
{
    private readonly Dictionary<string, Func<ReferenceCase, ReferenceModels, CaseOutput>> _kinds =
        new(options.Kinds.SelectMany(kinds => kinds.Computations));

    /// <summary>Finds the cases of a folder that is laid out like the reference: <c>cases/KIND/NAME/case.json</c>.</summary>
    /// <param name="root">The folder.</param>
    /// <returns>The folders of the cases, in order.</returns>
    /// <exception cref="NexusGenException">There are no cases.</exception>
    public static IReadOnlyList<string> Find(string root)
    {
        string cases = Path.Combine(root, "cases");
        string[] found = Directory.Exists(cases)
            ?
            [
                .. Directory.GetDirectories(cases).SelectMany(Directory.GetDirectories)
                    .Where(folder => File.Exists(Path.Combine(folder, CaseFiles.Description)))
            ]
            : [];
        if (found.Length == 0)
        {
            throw new NexusGenException($"{root} holds no cases: expected cases/KIND/NAME/{CaseFiles.Description} below it.");
        }

        Array.Sort(found, StringComparer.Ordinal);
        return found;
    }

    /// <summary>Computes all cases of a folder.</summary>
    /// <param name="root">The folder.</param>
    /// <param name="cancellationToken">Cancels the verification between two cases.</param>
    /// <returns>The results, each as soon as it is computed.</returns>
    /// <exception cref="NexusGenException">There are no cases.</exception>
    public IEnumerable<CaseResult> Verify(string root, CancellationToken cancellationToken = default)
    {
        using var models = new ReferenceModels(FormatCases.ModelRoot(root), options.Load());
        foreach (string folder in Find(root))
        {
            cancellationToken.ThrowIfCancellationRequested();
            yield return VerifyCase(root, folder, models);
        }
    }

    private CaseResult VerifyCase(string root, string folder, ReferenceModels models)
    {
        string kind = Path.GetFileName(Path.GetDirectoryName(folder)!), name = Path.GetFileName(folder);
        if (!_kinds.TryGetValue(kind, out Func<ReferenceCase, ReferenceModels, CaseOutput>? compute))
        {
            return new CaseResult(kind, name, Verdict.Failed, double.PositiveInfinity, "a kind that is not known here");
        }

        try
        {
            using IDisposable inference = no_grad();
            using var scope = NewDisposeScope();
            using var reference = ReferenceCase.Open(root, folder);
            using CaseOutput output = Compute(compute, reference, models);
            if (options.WriteTo is { } target)
            {
                CaseOutputWriter.Write(target, reference, output);
            }

            return Judge(reference, output);
        }
        catch (Exception e) when (e is not (OutOfMemoryException or OperationCanceledException))
        {
            return new CaseResult(kind, name, Verdict.Failed, double.PositiveInfinity, e.Message.ReplaceLineEndings(" "));
        }
    }

    private static CaseOutput Compute(
        Func<ReferenceCase, ReferenceModels, CaseOutput> compute, ReferenceCase reference, ReferenceModels models)
    {
        try
        {
            return compute(reference, models);
        }
        catch (NexusGenException e) when (FormatCases.Has(reference.Kind))
        {
            return new CaseOutput { Refusal = e.Message };
        }
    }

    private static CaseResult Judge(ReferenceCase reference, CaseOutput output)
    {
        List<Deviation> deviations =
            [.. FormatCases.Has(reference.Kind) ? FormatComparison.Compare(reference, output) : Compare(reference, output)];
        double error = deviations.Select(deviation => deviation.Error).DefaultIfEmpty(0).Max();
        Deviation? worst = deviations.Where(deviation => !deviation.Within).MaxBy(deviation => deviation.Error);
        return worst is null
            ? new CaseResult(reference.Kind, reference.Name, Verdict.Passed, error, "")
            : new CaseResult(reference.Kind, reference.Name, Verdict.Failed, worst.Error, $"{worst.What}, {worst.Where}");
    }

    private static List<Deviation> Compare(ReferenceCase reference, CaseOutput output)
    {
        List<Deviation> deviations = [];
        foreach (string tensor in reference.ExpectedTensors)
        {
            deviations.Add(output.Tensors.TryGetValue(tensor, out Tensor? actual)
                ? TensorComparison.Compare(tensor, actual, reference.ExpectedTensor(tensor), reference.Tolerance)
                : new Deviation(tensor, double.PositiveInfinity, false, "was not computed"));
        }

        foreach ((string name, JsonNode? expected) in reference.Expected)
        {
            if (output.Images.TryGetValue(name, out Imaging.RgbImage? picture))
            {
                deviations.Add(ImageComparison.Compare(
                    name, picture, reference.Image(expected!.GetValue<string>()), reference.Tolerance));
            }
            else if (!output.Values.ContainsKey(name))
            {
                deviations.Add(new Deviation(name, double.PositiveInfinity, false, "was not computed"));
            }
            else
            {
                deviations.AddRange(ValueComparison.Compare(name, output.Values[name], expected, reference.Tolerance));
            }
        }

        return deviations;
    }
}
