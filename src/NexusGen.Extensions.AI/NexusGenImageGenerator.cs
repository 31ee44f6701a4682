using Microsoft.Extensions.AI;
using NexusGen.Core;
using NexusGen.Imaging;
using NexusGen.Requests;

namespace NexusGen.Extensions.AI;

/// <summary>
/// An <see cref="IImageGenerator"/> of a model: generates an image from a prompt, or edits the last of the original images by an
/// instruction. The options specify count, size and media type; seed, steps and guidance are additional properties
/// (<see cref="NexusGenProperties"/>). Thread-safe.
/// </summary>
/// <param name="model">The model. The caller owns it and must dispose it.</param>
/// <param name="options">The options of the generator, or null for the defaults.</param>
public sealed class NexusGenImageGenerator(NexusGenModel model, NexusGenClientOptions? options = null) : IImageGenerator
{
    private readonly NexusGenClientOptions _options = options ?? new();
    private readonly ImageGeneratorMetadata _metadata = new("nexusgen", defaultModelId: options?.ModelId ?? ModelNames.Of(model));

    /// <summary>Generates or edits images.</summary>
    /// <param name="request">The prompt, and the images to edit.</param>
    /// <param name="options">The count, size, media type and additional properties.</param>
    /// <param name="cancellationToken">Cancels the request between two steps.</param>
    /// <returns>The images as <see cref="DataContent"/>, and the number of tokens.</returns>
    /// <exception cref="NexusGenException">The prompt is empty, or an image or an option is invalid.</exception>
    public async Task<ImageGenerationResponse> GenerateAsync(
        ImageGenerationRequest request, ImageGenerationOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(request);
        string prompt = string.IsNullOrWhiteSpace(request.Prompt)
            ? throw new NexusGenException("The prompt is empty.")
            : request.Prompt;
        if (options?.ResponseFormat == ImageGenerationResponseFormat.Hosted)
        {
            throw new NexusGenException("Pictures are not hosted anywhere: ask for data.");
        }

        var properties = new PropertyReader(options?.AdditionalProperties);
        ImageSettings settings = ImageGenerationSettings.Read(properties);
        settings = settings with
        {
            Count = options?.Count ?? 1,
            Width = options?.ImageSize?.Width ?? settings.Width,
            Height = options?.ImageSize?.Height ?? settings.Height,
        };
        RgbImage[] originals = [.. (request.OriginalImages ?? []).Select(content => ImageContents.Read(content, _options))];
        IProgress<ProgressReport>? progress = properties.Progress();
        Reply reply = await RequiredImage.GenerateAsync(new ReplySettings(), DrawAsync).ConfigureAwait(false);

        return new ImageGenerationResponse([.. reply.Images.Select(picture => ImageContents.Write(picture, options?.MediaType))])
        {
            RawRepresentation = reply,
            Usage = new UsageDetails
            {
                InputTokenCount = reply.PromptTokenCount,
                OutputTokenCount = reply.TokenIds.Count,
                TotalTokenCount = reply.PromptTokenCount + reply.TokenIds.Count,
            },
        };

        Task<Reply> DrawAsync(ReplySettings writing) => originals.Length == 0
            ? model.GenerateAsync(
                new GenerateRequest(prompt) { Reply = writing, Settings = settings },
                progress,
                cancellationToken)
            : model.EditAsync(
                new EditRequest(originals[^1], prompt) { Reply = writing, Settings = settings },
                progress,
                cancellationToken);
    }

    /// <summary>Returns the <see cref="NexusGenModel"/>, the <see cref="ImageGeneratorMetadata"/>, or this generator.</summary>
    /// <inheritdoc/>
    public object? GetService(Type serviceType, object? serviceKey = null)
    {
        ArgumentNullException.ThrowIfNull(serviceType);
        return serviceKey is not null ? null
            : serviceType.IsInstanceOfType(this) ? this
            : serviceType == typeof(ImageGeneratorMetadata) ? _metadata
            : serviceType.IsInstanceOfType(model) ? model
            : null;
    }

    /// <summary>Does nothing, because the caller owns the model.</summary>
    public void Dispose()
    {
    }
}
