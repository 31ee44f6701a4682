using NexusGen.Autoregressive;
using NexusGen.Imaging;
using NexusGen.Model;
using NexusGen.Weights.Modules;
using static TorchSharp.torch;

namespace NexusGen.Tests;

/// <summary>The reference's model: its files, and its language model and vision encoder in float32.</summary>
public sealed class LoadedModel : IDisposable
{
    public static string Folder => ReferenceFolder.TinyModel;

    public ModelFiles Files { get; } = new(ModelPaths.Find(Folder));

    public LanguageModel Language => field ??= Files.LanguageModelPart.Load(LoadOptions.Reference);

    public VisionEncoder Eye => field ??= Files.VisionPart.Load(LoadOptions.Reference);

    /// <summary>A prompt that asks for a picture, with pictures of the reference before it.</summary>
    public ReplyPrompt Prompt(string text, params ReadOnlySpan<string> images)
    {
        using IDisposable inference = no_grad();
        PromptPicture[] pictures = [.. images.ToArray().Select(name =>
            new PromptPicture(ImageFitting.BoundImage(ImageFile.Read(Path.Combine(ReferenceFolder.Path, "images", name)), 28 * 28 * 30)))];
        string marks = string.Concat(Enumerable.Repeat("<|vision_start|><|image_pad|><|vision_end|>", pictures.Length));
        string whole = $"<|im_start|>system\nYou are a helpful assistant.<|im_end|>\n<|im_start|>user\n{marks}{text}<|im_end|>\n<|im_start|>assistant\n";
        ReplyPrompt prompt = new PromptReader(Files).Read(whole, pictures, pictures.Length > 0 ? Eye : null);
        prompt.ImageEmbeddings?.DetachFromDisposeScope();
        return prompt;
    }

    public void Dispose()
    {
        Language.Dispose();
        Eye.Dispose();
        Files.Dispose();
    }
}
