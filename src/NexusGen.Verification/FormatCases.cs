namespace NexusGen.Verification;

/// <summary>
/// The cases of weight and LoRA files of other tools. They differ from the other cases: a refusal is a result, values may be
/// given by their hash or in another case (<see cref="FormatComparison"/>), and the models may be beside the folder.
/// </summary>
internal static class FormatCases
{
    private const string Refused = "refused", Message = "message";

    /// <summary>Whether cases of a kind follow these rules.</summary>
    /// <param name="kind">The kind.</param>
    public static bool Has(string kind) =>
        CaseKinds.WeightFormats.Computations.ContainsKey(kind) || CaseKinds.LoraFiles.Computations.ContainsKey(kind);

    /// <summary>Gets the folder that the models of cases are relative to: the folder of the cases, or its parent.</summary>
    /// <param name="root">The folder of the cases.</param>
    public static string ModelRoot(string root)
    {
        string parent = Path.GetFullPath(Path.Combine(root, ".."));
        bool HasModels(string folder) => Directory.Exists(Path.Combine(folder, "models"));
        return !HasModels(root) && HasModels(parent) ? parent : root;
    }
}
