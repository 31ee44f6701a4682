using Microsoft.Extensions.AI;
using NexusGen.Core;
using NexusGen.Imaging;
using NexusGen.Requests;

namespace NexusGen.Extensions.AI;

/// <summary>
/// A model as an <see cref="IImageGenerator"/>: a prompt is drawn, and with original pictures it is an instruction that changes the
/// last of them. Count, size and media type are those of the options; seed, steps and guidance are additional properties
/// (<see cref="NexusGenProperties"/>). Safe for several threads at once.
/// </summary>
/// <param name="model">The model; the caller's.</param>
/// <param name="options">How pictures are read.</param>
public sealed class NexusGenImageGenerator(NexusGenModel model, NexusGenClientOptions? options = null) : IImageGenerator
{
    private readonly NexusGenClientOptions _options = options ?? new();
    private readonly ImageGeneratorMetadata _metadata = new("nexusgen", defaultModelId: options?.ModelId ?? ModelNames.Of(model));

    /// <summary>Draws or edits.</summary>
    /// <param name="request">The prompt, and the pictures to edit.</param>
    /// <param name="options">Count, size, media type and additional properties.</param>
    /// <param name="cancellationToken">Ends it within a step.</param>
    /// <returns>The pictures as <see cref="DataContent"/>, and the tokens used.</returns>
    /// <exception cref="NexusGenException">The prompt is empty, or a picture or an option can't be understood.</exception>
    public async Task<ImageGenerationResponse> GenerateAsync(
        ImageGenerationRequest request, ImageGenerationOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(request);
        string prompt = string.IsNullOrWhiteSpace(request.Prompt) ? throw new NexusGenException("The prompt is empty.") : request.Prompt;
        if (options?.ResponseFormat == ImageGenerationResponseFormat.Hosted)
        {
            throw new NexusGenException("Pictures are not hosted anywhere: ask for data.");
        }

        var properties = new PropertyReader(options?.AdditionalProperties);
        PictureSettings settings = PictureOptions.Read(properties);
        settings = settings with
        {
            Count = options?.Count ?? 1,
            Width = options?.ImageSize?.Width ?? settings.Width,
            Height = options?.ImageSize?.Height ?? settings.Height,
        };
        RgbImage[] originals = [.. (request.OriginalImages ?? []).Select(content => PictureContents.Read(content, _options))];
        IProgress<ProgressReport>? progress = properties.Progress();
        PictureReply reply = await DrawAsync(new ReplySettings()).ConfigureAwait(false) as PictureReply

            // Words instead of a picture: whoever asks a generator of pictures wants one all the same.
            ?? (PictureReply)await DrawAsync(new ReplySettings { ForceDrawing = true }).ConfigureAwait(false);
        return new ImageGenerationResponse([.. reply.Pictures.Select(picture => PictureContents.Write(picture, options?.MediaType))])
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
            ? model.GenerateAsync(new GenerateRequest(prompt) { Reply = writing, Picture = settings }, progress, cancellationToken)
            : model.EditAsync(new EditRequest(originals[^1], prompt) { Reply = writing, Picture = settings }, progress, cancellationToken);
    }

    /// <summary>Gives the <see cref="NexusGenModel"/>, the <see cref="ImageGeneratorMetadata"/>, or this generator.</summary>
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

    /// <summary>Does nothing: the model is the caller's.</summary>
    public void Dispose()
    {
    }
}
