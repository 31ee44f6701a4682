namespace NexusGen.Weights;

/// <summary>The parts of tensor names that come from a wrapper around the model and not from the model.</summary>
internal static class WrapperNames
{
    // torch.nn.DataParallel, DistributedDataParallel and DeepSpeed prepend the first; trainers save the weights as an entry with
    // the second name, beside their own state; torch.compile inserts the third.
    private const string Parallel = "module.", Entry = "state_dict.", Compiled = "_orig_mod.";

    // ComfyUI and stable-diffusion.cpp keep a transformer beside text encoders and an autoencoder under the first; the second is
    // ComfyUI's name for the model in LoRA files and in parts of checkpoints.
    private static readonly string[] DiffusionModel = ["model.diffusion_model.", "diffusion_model."];

    /// <summary>Removes the prefix that other programs give the transformer of a diffusion model, if it is there.</summary>
    /// <param name="name">The name in the file.</param>
    public static string RemoveDiffusionModel(string name)
    {
        string? prefix = Array.Find(DiffusionModel, prefix => name.StartsWith(prefix, StringComparison.Ordinal));
        return name[(prefix?.Length ?? 0)..];
    }

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
