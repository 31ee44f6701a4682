namespace NexusGen.Extensions.AI;

/// <summary>Names of models.</summary>
internal static class ModelNames
{
    /// <summary>The name of a model's folder.</summary>
    public static string Of(NexusGenModel model) => Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(model.Paths.Root)));
}
