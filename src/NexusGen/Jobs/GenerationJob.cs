using NexusGen.Autoregressive;
using NexusGen.Engine;
using NexusGen.Model;
using NexusGen.Requests;
using NexusGen.Weights.Modules;
using static TorchSharp.torch;

namespace NexusGen.Jobs;

/// <summary>
/// Runs requests: encodes their images, generates the replies as one batch, and decodes the images of the replies. Every prompt
/// takes this path through the model (section 3 of the paper).
/// </summary>
/// <param name="components">The components of the model.</param>
/// <param name="plans">The requests.</param>
/// <param name="update">Receives the replies piece by piece, each with the index of its request, or null for none.</param>
/// <param name="progress">Receives progress reports, or null for none.</param>
internal sealed class GenerationJob(
    ModelComponents components,
    IReadOnlyList<GenerationPlan> plans,
    Action<int, ReplyUpdate>? update,
    IProgress<ProgressReport>? progress)
    : IDisposable
{
    private readonly List<LoraLease> _loras = [];
    private readonly Dictionary<ImagePlan, LoraLease> _imageLoras = new(ReferenceEqualityComparer.Instance);
    private readonly PromptProcessor _processor = new(components.Files, components.ParseSpecialTokens);

    /// <summary>Gets the requests and what was computed for them.</summary>
    public IReadOnlyList<GenerationState> Requests { get; } =
    [
        .. plans.Select((plan, row) =>
            new GenerationState(plan, components.Files, update is null ? null : piece => update(row, piece))),
    ];

    /// <summary>Gets or sets a receiver of the denoised latents of each image, see <see cref="ImageJob.Denoised"/>.</summary>
    public Action<Tensor>? Denoised { get; init; }

    /// <summary>Runs the job to its end.</summary>
    /// <param name="job">The engine.</param>
    /// <returns>The replies, in the order of the requests.</returns>
    public async Task<Reply[]> RunAsync(JobContext job)
    {
        // Before anything is computed.
        if (plans.FirstOrDefault(plan => plan.Image.NeedsNegative || plan.NewImage?.NeedsNegative == true)
            is { Image.NegativePrompt: var negative })
        {
            components.RequireTextEncoders(negative);
        }

        await AcquireLorasAsync();
        await EncodeImagesAsync(job);
        await GenerateAsync(job);
        foreach (GenerationState request in Requests)
        {
            await DecodeImagesAsync(request, job);
            request.Report(new ReplyUpdate.Finished(request.Reply!));
        }

        return [.. Requests.Select(request => request.Reply!)];
    }

    /// <summary>Encodes the images of the prompts and the sources of the edits.</summary>
    /// <param name="job">The engine.</param>
    public async Task EncodeImagesAsync(JobContext job)
    {
        int done = 0, total = plans.Sum(plan =>
            plan.Images.Count(image => image.Image is not null) + (plan.Image.Source is null ? 0 : 1));
        if (total == 0)
        {
            return;
        }

        using ComponentLease<VisionEncoder> encoder = await components.AcquireAsync(components.VisionEncoder, job, progress);
        foreach (GenerationState request in Requests)
        {
            foreach ((int i, PromptImage image) in request.Plan.Images.Index())
            {
                if (image.Image is { } pixels)
                {
                    using (DeltaScope.Enter(request.VisionDeltas))
                    {
                        request.PromptImages[i] = _processor.Encode(pixels, encoder.Value, resize: null);
                    }

                    progress?.Report(new ProgressReport(ProgressPhase.Reading, ++done, total));
                    await job.NextStep();
                }
            }

            if (request.Plan.Image.Source is { } source)
            {
                using (DeltaScope.Enter(request.VisionDeltas))
                {
                    request.Source = _processor.EncodeSource(source, encoder.Value);
                }

                progress?.Report(new ProgressReport(ProgressPhase.Reading, ++done, total));
                await job.NextStep();
            }
        }
    }

    /// <summary>Generates text and image embeddings.</summary>
    /// <param name="job">The engine.</param>
    public async Task GenerateAsync(JobContext job)
    {
        using ComponentLease<LanguageModel> model = await components.AcquireAsync(components.LanguageModel, job, progress);
        await components.ContinuousBatcher.WaitForRoomAsync(plans.Count, job);
        using BatcherSlot slot = components.ContinuousBatcher.Join(
            model.Value, [.. Requests.Select(request => request.Begin(model.Value, _processor))]);
        foreach ((int row, GenerationSequence sequence) in slot.Sequences.Index())
        {
            Requests[row].Follow(sequence);
        }

        bool more = true;
        while (more)
        {
            more = slot.Step();
            progress?.Report(new ProgressReport(
                ProgressPhase.Generating, slot.Sequences.Sum(sequence => sequence.GeneratedCount), null));
            await job.NextStep();
        }

        foreach ((int row, GenerationSequence sequence) in slot.Sequences.Index())
        {
            Requests[row].Finish(sequence);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _loras.ForEach(lease => lease.Dispose());
        foreach (LoraLease lease in _imageLoras.Values)
        {
            lease.Dispose();
        }

        foreach (GenerationState request in Requests)
        {
            request.Dispose();
        }
    }

    // Before anything is computed, so that a file that can't be used is refused at once. They stay in memory until the job ends,
    // so that a file that is replaced or removed meanwhile changes nothing.
    private async Task AcquireLorasAsync()
    {
        foreach (GenerationState request in Requests)
        {
            LoraLease language = await components.AcquireLorasAsync(request.Plan.Reply);
            _loras.Add(language);
            (request.LanguageDeltas, request.VisionDeltas) =
                (language.Of(LoraTargets.InLanguageModel), language.Of(LoraTargets.InVisionEncoder));
            _imageLoras.Add(request.Plan.Image, await components.AcquireLorasAsync(request.Plan.Image));
            if (request.Plan.NewImage is { } newImage)
            {
                _imageLoras.Add(newImage, await components.AcquireLorasAsync(newImage));
            }
        }
    }

    private async Task DecodeImagesAsync(GenerationState request, JobContext job)
    {
        List<OutputImage> images = [];
        foreach ((int index, EncodedImage predicted) in request.Predicted.Index())
        {
            ImagePlan plan = request.PlanOf(index);
            var decoding = new ImageJob(
                components, plan, index, predicted, plan.Editing ? request.Source : null, request.Report, progress)
            {
                Denoised = Denoised,
                Loras = _imageLoras[plan],
            };
            images.AddRange(await decoding.RunAsync(job));
        }

        request.Reply = request.Reply! with { Images = images };
    }
}
