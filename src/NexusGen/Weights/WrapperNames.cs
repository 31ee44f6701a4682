namespace NexusGen.Weights;

/// <summary>The parts of tensor names that come from a wrapper around the model and not from the model.</summary>
internal static class WrapperNames
{
    // torch.nn.DataParallel, DistributedDataParallel and DeepSpeed prepend the first; trainers save the weights as an entry with
    // the second name, beside their own state; torch.compile inserts the third.
    private const string Parallel = "module.", Entry = "state_dict.", Compiled = "_orig_mod.";

    /// <summary>Removes the parts of wrappers from a name.</summary>
    /// <param name="name">The name in the file.</param>
    public static string Remove(string name)
    {
        while (true)
        {
            string? outer = new[] { Parallel, Entry }.FirstOrDefault(part => name.StartsWith(part, StringComparison.Ordinal));
            if (outer is null)
            {
                return name.Replace(Compiled, "", StringComparison.Ordinal);
            }

            name = name[outer.Length..];
        }
    }
}
