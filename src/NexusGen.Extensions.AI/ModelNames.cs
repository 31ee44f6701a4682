namespace NexusGen.Extensions.AI;

/// <summary>Default names of models.</summary>
internal static class ModelNames
{
    /// <summary>Returns the name of the folder of a model.</summary>
    public static string Of(NexusGenModel model) =>
        Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(model.Paths.Root)));
}
