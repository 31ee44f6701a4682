namespace NexusGen.Weights;

/// <summary>The parts of tensor names that come from a wrapper around the model and not from the model.</summary>
internal static class WrapperNames
{
    // torch.nn.DataParallel, DistributedDataParallel and DeepSpeed prepend the first, torch.compile inserts the second.
    private const string Parallel = "module.", Compiled = "_orig_mod.";

    /// <summary>Removes the parts of wrappers from a name.</summary>
    /// <param name="name">The name in the file.</param>
    public static string Remove(string name)
    {
        while (name.StartsWith(Parallel, StringComparison.Ordinal))
        {
            name = name[Parallel.Length..];
        }

        return name.Replace(Compiled, "", StringComparison.Ordinal);
    }
}
