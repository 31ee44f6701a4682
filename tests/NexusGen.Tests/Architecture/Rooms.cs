namespace NexusGen.Tests.Architecture;

/// <summary>
/// The layers of the product from the bottom up: the projects, and the namespaces of each project, which equal its folders. A
/// namespace uses only itself and the namespaces before it in its project. See docs/architecture.md.
/// </summary>
internal static class Rooms
{
    public static IReadOnlyDictionary<string, string[]> Order { get; } = new Dictionary<string, string[]>
    {
        ["NexusGen"] =
        [
            "Core", "Torch.Native", "Torch", "Torch.Kernels", "Torch.Autograd", "Torch.Operators",
            "Weights", "Weights.Quantization", "Weights.Files", "Weights.Files.Safetensors", "Weights.Files.Pickle",
            "Weights.Files.Gguf", "Weights.Files.Scaled", "Weights.Stores",
            "Weights.Inspection", "Weights.Modules", "Text", "Imaging", "Autoregressive", "Diffusion.Flux",
            "Diffusion.Autoencoder", "Diffusion.TextEncoders", "Diffusion.Sampling", "Decoders", "Lora", "Requests", "Model",
            "Engine", "Jobs", "Conversion", "",
        ],
        ["NexusGen.Verification"] = [""],
        ["NexusGen.Training"] =
        [
            "Core", "Distributed", "Data", "Optimization", "Configuration", "Checkpoints", "Logging", "Gradients", "Loop",
            "Lora", "Pretraining", "Autoregressive", "Decoders", "Stages", "Verification",
        ],
        ["NexusGen.Worlds"] =
        [
            "Core", "Scenes", "Rendering", "Texts", "Tasks", "Judging", "Things", "Things.Scenes", "Things.Rendering",
            "Things.Judging", "Things.GenEval", "Things.Texts", "Things.Answers", "Things.Texts.Suites", "Things.Tasks",
            "Export",
        ],
        ["NexusGen.Extensions.AI"] = [""],
        ["NexusGen.Hub"] = ["Core", "Http", "Sites", "Storage", "Downloads", ""],
        ["NexusGen.Server"] =
        [
            "Configuration", "Storage", "Scheduling", "Http", "Loras", "Security", "Observability", "Gateway", "Images",
            "Requests", "Background", "OpenAI", "Mcp", "Studio", "",
        ],
        ["NexusGen.Cli"] =
        [
            "Core", "Progress", "Output", "Options", "Help", "Models", "Images", "Conversation", "Batch", "Inspection",
            "Training", "Evaluation", "Ablation", "Serving", "Commands", "",
        ],
    };

    /// <summary>Gets the projects of the product that each project may reference.</summary>
    public static IReadOnlyDictionary<string, string[]> References { get; } = new Dictionary<string, string[]>
    {
        ["NexusGen"] = [],
        ["NexusGen.Verification"] = ["NexusGen"],
        ["NexusGen.Training"] = ["NexusGen", "NexusGen.Verification"],
        ["NexusGen.Worlds"] = [],
        ["NexusGen.Extensions.AI"] = ["NexusGen"],
        ["NexusGen.Hub"] = ["NexusGen"],
        ["NexusGen.Server"] = ["NexusGen"],
        ["NexusGen.Cli"] =
        [
            "NexusGen", "NexusGen.Verification", "NexusGen.Training", "NexusGen.Worlds", "NexusGen.Hub", "NexusGen.Server",
        ],
    };

    /// <summary>Returns the namespace of a layer.</summary>
    public static string NamespaceOf(string project, string room) => room.Length == 0 ? project : $"{project}.{room}";
}
