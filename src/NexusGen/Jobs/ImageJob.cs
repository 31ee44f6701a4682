using NexusGen.Decoders;
using NexusGen.Diffusion.Autoencoder;
using NexusGen.Diffusion.Flux;
using NexusGen.Diffusion.Sampling;
using NexusGen.Engine;
using NexusGen.Imaging;
using NexusGen.Model;
using NexusGen.Requests;
using NexusGen.Weights.Modules;
using static TorchSharp.torch;

namespace NexusGen.Jobs;

/// <summary>
/// Decodes the embeddings of one image into one or more images with consecutive seeds: computes the condition, denoises, and
/// decodes the latents. It does not use the language model, so the embeddings may come from anywhere.
/// </summary>
/// <param name="components">The components of the model.</param>
/// <param name="plan">How to decode.</param>
/// <param name="index">The index of the image in its reply.</param>
/// <param name="predicted">The embeddings to decode; the caller owns them.</param>
/// <param name="source">The encoded source of an edit, or null for none; the caller owns it.</param>
/// <param name="update">Receives steps, previews and finished images.</param>
/// <param name="progress">Receives progress reports, or null for none.</param>
internal sealed class ImageJob(
    ModelComponents components,
    ImagePlan plan,
    int index,
    EncodedImage predicted,
    EncodedImage? source,
    Action<ReplyUpdate> update,
    IProgress<ProgressReport>? progress)
{
    private readonly List<OutputImage> _images = [];
    private ImageEmbeddings? _embeddings;
    private LinearDeltas? _deltas;

    /// <summary>
    /// Gets or sets a receiver of the denoised latents, [batch, channels, height, width], valid during the call.
    /// </summary>
    public Action<Tensor>? Denoised { get; init; }

    /// <summary>
    /// Gets or sets the LoRA files of the plan, which the caller has leased and releases; null if the job leases them itself.
    /// </summary>
    public LoraLease? Loras { get; init; }

    /// <summary>Runs the job to its end.</summary>
    /// <param name="job">The engine.</param>
    /// <returns>The images.</returns>
    public async Task<IReadOnlyList<OutputImage>> RunAsync(JobContext job)
    {
        PromptEmbeddings? empty = components.StoredEmptyPrompt(), negative = null;
        Tensor? start = null;
        using LoraLease? own = Loras is null ? await components.AcquireLorasAsync(plan) : null;
        _deltas = (Loras ?? own!).Of();
        try
        {
            if (empty is null || plan.NeedsNegative)
            {
                using ComponentLease<TextEncoders> encoders =
                    await components.AcquireAsync(components.TextEncoders, job, progress);
                empty ??= encoders.Value.Encoder.Encode("");
                negative = plan.NeedsNegative ? encoders.Value.Encoder.Encode(plan.NegativePrompt) : null;
                await job.NextStep();
            }

            if (plan.StartImage is { } image)
            {
                using ComponentLease<AutoencoderEncoder> encoder =
                    await components.AcquireAsync(components.AutoencoderEncoder, job, progress);
                RgbImage fitted = Resampler.Resize(image, plan.Size.Width, plan.Size.Height, ResampleFilter.Bicubic);
                start = encoder.Value.Forward(ImageTensor.FromImage(fitted)).DetachFromDisposeScope();
                await job.NextStep();
            }

            int downscale = components.Files.Configuration.Autoencoder.Downscale;
            long tokens = (plan.Size.Height / downscale) * (plan.Size.Width / downscale) / 4;
            ulong[][] batches =
            [
                .. Enumerable.Range(0, plan.Count).Select(i => unchecked(plan.Seed + (ulong)i))
                    .Chunk((int)Math.Clamp(DenoisingBatcher.BatchTokens / tokens, 1, plan.Count)),
            ];
            foreach ((int number, ulong[] seeds) in batches.Index())
            {
                (Tensor latents, int[] computed) =
                    await DenoiseAsync(seeds, (number, batches.Length), (empty, negative, start), job);
                using (latents)
                {
                    Denoised?.Invoke(latents);
                    await DecodeAsync(latents, seeds, computed, job);
                }
            }

            return _images;
        }
        finally
        {
            empty?.Dispose();
            negative?.Dispose();
            start?.Dispose();
        }
    }

    private async Task<(Tensor Latents, int[] ComputedSteps)> DenoiseAsync(
        ulong[] seeds,
        (int Number, int Count) batch,
        (PromptEmbeddings Empty, PromptEmbeddings? Negative, Tensor? Start) inputs,
        JobContext job)
    {
        Component<DiffusionDecoder> component = plan.Editing ? components.EditingDecoder : components.GenerationDecoder;
        using ComponentLease<DiffusionDecoder> decoder = await components.AcquireAsync(component, job, progress);
        using DenoisingRun run = Begin(decoder.Value, seeds, inputs.Empty, inputs.Negative, inputs.Start);
        using DenoisingBatcher.Slot slot = components.DenoisingBatcher.Join(run);
        bool more = true;
        while (more)
        {
            more = slot.Step();
            update(new ReplyUpdate.Denoising(index, run.Completed, run.Steps) { Batch = batch.Number, Batches = batch.Count });
            progress?.Report(new ProgressReport(ProgressPhase.Denoising, run.Completed, run.Steps));
            await PreviewAsync(run, job);
            await job.NextStep();
        }

        return (run.Latents.clone().DetachFromDisposeScope(), [.. seeds.Select((_, row) => run.ComputedSteps(row))]);
    }

    private DenoisingRun Begin(
        DiffusionDecoder decoder, ulong[] seeds, PromptEmbeddings empty, PromptEmbeddings? negative, Tensor? start)
    {
        int downscale = components.Files.Configuration.Autoencoder.Downscale;
        long height = plan.Size.Height / downscale, width = plan.Size.Width / downscale;
        DiffusionCondition condition = decoder.Condition(
            Placed(predicted),
            predicted.Grid,
            source is null ? null : Placed(source),
            source?.Grid ?? default,
            empty.Pooled,
            height,
            width);
        DiffusionCondition? away = plan.Denoising.CfgScale == 1 ? null : (negative ?? empty).ToCondition(components.Placement);
        return new DenoisingRun(decoder.Transformer, plan.Denoising with { Seeds = seeds }, height, width, condition, away, start)
        {
            Counter = components.DenoisingBatcher.Counter,
            KeepsEstimate = plan.PreviewEvery is not null,
            Deltas = _deltas,
        };
    }

    private Tensor Placed(EncodedImage image) =>
        image.Embeddings.to(components.Placement.Precision, components.Placement.Device).unsqueeze(0);

    // Without waiting: the decoder is still leased, and a job that waits for one component while it holds another could wait for
    // ever. If the autoencoder is not loaded yet, asking for it begins to load it, for the next preview.
    private async Task PreviewAsync(DenoisingRun run, JobContext job)
    {
        bool wanted = plan.PreviewEvery is { } every && run.Completed % every == 0 && run.Completed < run.Steps;
        if (!wanted || components.Cache.TryAcquire(components.AutoencoderDecoder) is not { } decoder)
        {
            return;
        }

        using (decoder)
        {
            // The turn of another job may take this run's next step meanwhile.
            int completed = run.Completed;
            using Tensor estimate = run.Estimate!.clone().DetachFromDisposeScope();
            using var tiles = new TiledDecoder(decoder.Value, estimate);
            while (tiles.Step())
            {
                await job.NextStep();
            }

            update(new ReplyUpdate.Preview(index, completed, plan.Output.Apply(ImageTensor.ToImage(tiles.Result))));
        }
    }

    private async Task DecodeAsync(Tensor latents, ulong[] seeds, int[] computedSteps, JobContext job)
    {
        using ComponentLease<AutoencoderDecoder> decoder =
            await components.AcquireAsync(components.AutoencoderDecoder, job, progress);
        foreach ((int row, ulong seed) in seeds.Index())
        {
            using Tensor own = latents.narrow(0, row, 1).DetachFromDisposeScope();
            using var tiles = new TiledDecoder(decoder.Value, own);
            bool more = true;
            while (more)
            {
                more = tiles.Step();
                progress?.Report(new ProgressReport(ProgressPhase.Decoding, tiles.Completed, tiles.Count));
                if (more)
                {
                    await job.NextStep();
                }
            }

            RgbImage generated = ImageTensor.ToImage(tiles.Result);
            _images.Add(new OutputImage(
                plan.Output.Apply(generated),
                index,
                _embeddings ??= ImageEmbeddings.From(predicted.Embeddings, predicted.Grid),
                plan.Editing ? DecoderChoice.Editing : DecoderChoice.Generation,
                plan.SettingsOf(seed),
                computedSteps[row])
            {
                Generated = generated,
            });
            update(new ReplyUpdate.ImageFinished(_images[^1]));
            await job.NextStep();
        }
    }
}
