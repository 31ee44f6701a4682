using NexusGen.Requests;
using NexusGen.Server.Gateway;
using NexusGen.Server.Http;
using NexusGen.Server.Images;
using NexusGen.Server.Requests;

namespace NexusGen.Server.OpenAI;

/// <summary>What a request of the Images API says.</summary>
/// <param name="Request">The request, with its seed.</param>
/// <param name="Prompt">The description or instruction.</param>
/// <param name="Images">The settings of the images.</param>
/// <param name="Format">Their format.</param>
internal sealed record ImageGenerationSettings(
    ImageRequest Request, string Prompt, ImageSettings Images, ImageFileFormat Format)
{
    /// <summary>The word for addresses of images in place of files.</summary>
    public const string Url = "url";

    private const int MaxPartialImages = 3;

    /// <summary>Gets whether the images are generated in the background.</summary>
    public bool IsAsync => Request.Async == true;

    /// <summary>Gets whether addresses are returned in place of files.</summary>
    public bool AsUrl => Request.ResponseFormat == Url;

    /// <summary>Gets the maximum number of partial images.</summary>
    public int MaxPartial { get; private init; }

    /// <summary>Gets the maximum number of tokens of the reply.</summary>
    public int MaxTokens { get; private init; }

    /// <summary>Reads a request.</summary>
    /// <param name="request">The request.</param>
    /// <param name="editing">true if it edits an image.</param>
    /// <param name="limits">The limits.</param>
    /// <param name="gateway">The model, for its defaults.</param>
    /// <exception cref="ApiException">A field is invalid or exceeds a limit.</exception>
    public static ImageGenerationSettings Read(ImageRequest request, bool editing, Limits limits, ModelGateway gateway)
    {
        string prompt = string.IsNullOrWhiteSpace(request.Prompt)
            ? throw ApiException.BadRequest("prompt is empty.", "prompt")
            : request.Prompt;
        limits.TextLength(prompt.Length, "prompt");
        var format = ImageFileFormat.Parse(request.OutputFormat, "output_format");
        if (request.ResponseFormat is not (null or "b64_json" or Url))
        {
            throw ApiException.BadRequest("response_format must be b64_json or url.", "response_format");
        }

        int? previews = Limits.InRange(request.PartialImages, 0, MaxPartialImages, "partial_images");
        int partial = request.Stream == true || request.Async == true ? previews ?? 0 : 0;
        ImageSettings images = ReadImages(request, limits) with { Count = limits.Count(request.N) };
        int steps = images.Steps ?? gateway.Defaults(editing).Steps;
        ImageRequest seeded = request with { Seed = checked((long)images.Seed!.Value) };
        return new ImageGenerationSettings(
            seeded, prompt, images with { PreviewEvery = partial == 0 ? null : Math.Max(1, steps / (partial + 1)) }, format)
        {
            MaxPartial = partial,
            MaxTokens = limits.MaxTokens,
        };
    }

    private static ImageSettings ReadImages(ImageRequest request, Limits limits)
    {
        var fields = new PictureFields
        {
            Steps = request.Steps,
            CfgScale = request.CfgScale,
            NegativePrompt = request.NegativePrompt,
            Size = request.Size,
            Fit = request.Fit,
            Seed = request.Seed,
        };
        return ImageSettingsReader.Read(fields, limits, parent: null);
    }
}
