using NexusGen.Autoregressive;
using NexusGen.Imaging;
using NexusGen.Model;
using NexusGen.Weights.Modules;
using static TorchSharp.torch;

namespace NexusGen.Tests;

/// <summary>The model of the reference: its files, and its language model and vision encoder in float32.</summary>
public sealed class LoadedModel : IDisposable
{
    public static string Folder => ReferenceFolder.TinyModel;

    internal ModelFiles Files { get; } = new(ModelPaths.Find(Folder));

    internal LanguageModel Language => field ??= Files.LanguageModelPart.Load(LoadOptions.Reference);

    internal VisionEncoder VisionEncoder => field ??= Files.VisionPart.Load(LoadOptions.Reference);

    /// <summary>Creates a prompt that asks for an image, after images of the reference.</summary>
    internal TokenizedPrompt Prompt(string text, params ReadOnlySpan<string> images)
    {
        using IDisposable inference = no_grad();
        RgbImage[] pictures =
        [
            .. images.ToArray().Select(name =>
                ImageFitting.BoundImage(ImageFile.Read(Path.Combine(ReferenceFolder.Path, "images", name)), 28 * 28 * 30)),
        ];
        string marks = string.Concat(Enumerable.Repeat("<|vision_start|><|image_pad|><|vision_end|>", pictures.Length));
        string whole = "<|im_start|>system\nYou are a helpful assistant.<|im_end|>\n"
            + $"<|im_start|>user\n{marks}{text}<|im_end|>\n<|im_start|>assistant\n";
        var processor = new PromptProcessor(Files);
        EncodedImage[] encoded = [.. pictures.Select(image => processor.Encode(image, VisionEncoder, resize: null))];
        TokenizedPrompt prompt = processor.Tokenize(whole, encoded, Language.ImagePrefill);
        prompt.ImageEmbeddings?.DetachFromDisposeScope();
        Array.ForEach(encoded, image => image.Dispose());
        return prompt;
    }

    public void Dispose()
    {
        Language.Dispose();
        VisionEncoder.Dispose();
        Files.Dispose();
    }
}
