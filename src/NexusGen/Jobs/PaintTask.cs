using NexusGen.Decoders;
using NexusGen.Diffusion.Autoencoder;
using NexusGen.Diffusion.Flux;
using NexusGen.Diffusion.Sampling;
using NexusGen.Engine;
using NexusGen.Imaging;
using NexusGen.Model;
using NexusGen.Requests;
using static TorchSharp.torch;

namespace NexusGen.Jobs;

/// <summary>Turns one picture's embeddings into as many pictures as are wanted, with consecutive seeds.</summary>
internal sealed class PaintTask(
    ModelStages stages, PaintPlan plan, int index, ImageEmbeddings drawn, ImageEmbeddings? source,
    Action<ReplyUpdate.Denoising>? stepDone, Action<int, RgbImage>? preview, IProgress<ProgressReport>? progress)
{
    /// <summary>The pictures, when the steps have ended.</summary>
    public List<DrawnPicture> Pictures { get; } = [];

    public IEnumerable<JobState> Steps()
    {
        PromptEmbeddings? empty = stages.StoredEmptyPrompt(), negative = null;
        Tensor? start = null;
        try
        {
            if (empty is null || plan.NeedsNegative)
            {
                foreach (JobState state in WithStage(stages.Prompts, prompts =>
                {
                    empty ??= prompts.Encoder.Encode("");
                    negative = plan.NeedsNegative ? prompts.Encoder.Encode(plan.NegativePrompt) : null;
                }))
                {
                    yield return state;
                }
            }

            if (plan.StartImage is { } image)
            {
                foreach (JobState state in WithStage(stages.Encoder, encoder =>
                {
                    RgbImage fitted = Resampler.Resize(image, plan.Size.Width, plan.Size.Height, ResampleFilter.Bicubic);
                    start = encoder.Forward(ImageTensor.FromImage(fitted)).DetachFromDisposeScope();
                }))
                {
                    yield return state;
                }
            }

            int downscale = stages.Files.Configuration.Autoencoder.Downscale;
            long height = plan.Size.Height / downscale, width = plan.Size.Width / downscale;
            int batch = (int)Math.Clamp(SharedDenoising.BatchTokens / (height * width / 4), 1, plan.Count);
            for (int first = 0; first < plan.Count; first += batch)
            {
                ulong[] seeds = [.. Enumerable.Range(first, Math.Min(batch, plan.Count - first)).Select(i => unchecked(plan.Seed + (ulong)i))];
                foreach (JobState state in PaintBatch(seeds, (first / batch, (plan.Count + batch - 1) / batch), height, width, empty!, negative, start))
                {
                    yield return state;
                }
            }
        }
        finally
        {
            empty?.Dispose();
            negative?.Dispose();
            start?.Dispose();
        }
    }

    private IEnumerable<JobState> PaintBatch(
        ulong[] seeds, (int Number, int Count) batch, long height, long width, PromptEmbeddings empty, PromptEmbeddings? negative, Tensor? start)
    {
        Tensor? latents = null;
        int[] computed = [];
        try
        {
            StageLease<PictureDecoder>? painter = null;
            DenoisingRun? run = null;
            SharedDenoising.Place? place = null;
            try
            {
                Stage<PictureDecoder> stage = plan.Editing ? stages.EditingDecoder : stages.GenerationDecoder;
                foreach (JobState state in StageAccess.Acquire(stages.Cache, stage, lease => painter = lease, progress))
                {
                    yield return state;
                }

                run = Begin(painter!.Value, seeds, height, width, empty, negative, start);
                place = stages.Denoising.Join(run);
                bool more = true;
                while (more)
                {
                    more = place.Step();
                    stepDone?.Invoke(new ReplyUpdate.Denoising(index, run.Completed, run.Steps) { Batch = batch.Number, Batches = batch.Count });
                    progress?.Report(new ProgressReport(ProgressPhase.Denoising, run.Completed, run.Steps));
                    foreach (JobState state in Preview(run).Append(JobState.Working))
                    {
                        yield return state;
                    }
                }

                latents = run.Latents.clone().DetachFromDisposeScope();
                computed = [.. seeds.Select((_, row) => run.ComputedSteps(row))];
            }
            finally
            {
                place?.Dispose();
                run?.Dispose();
                painter?.Dispose();
            }

            foreach (JobState state in Decode(latents, seeds, computed))
            {
                yield return state;
            }
        }
        finally
        {
            latents?.Dispose();
        }
    }

    // Without waiting: the decoder is still held, and to hold one part while waiting for another could wait for ever. Where the
    // autoencoder isn't loaded yet, asking for it begins to load it, for the next preview.
    private IEnumerable<JobState> Preview(DenoisingRun run)
    {
        bool wanted = plan.PreviewEvery is { } every && preview is not null && run.Completed % every == 0 && run.Completed < run.Steps;
        if (!wanted || stages.Cache.TryAcquire(stages.Decoder) is not { } decoder)
        {
            yield break;
        }

        // Another's turn may take this run's next step meanwhile.
        int completed = run.Completed;
        Tensor estimate = run.Estimate!.clone().DetachFromDisposeScope();
        TiledDecoding? tiles = null;
        try
        {
            tiles = new TiledDecoding(decoder.Value, estimate);
            while (tiles.Step())
            {
                yield return JobState.Working;
            }

            preview!(completed, ImageTensor.ToImage(tiles.Result));
        }
        finally
        {
            tiles?.Dispose();
            estimate.Dispose();
            decoder.Dispose();
        }
    }

    private DenoisingRun Begin(
        PictureDecoder painter, ulong[] seeds, long height, long width, PromptEmbeddings empty, PromptEmbeddings? negative, Tensor? start)
    {
        ScalarType type = stages.Placement.Precision;
        Tensor? sourceTensor = source?.ToTensor(type, stages.Placement.Device);
        DiffusionCondition condition = painter.Condition(
            drawn.ToTensor(type, stages.Placement.Device), drawn.Grid, sourceTensor, source?.Grid ?? default, empty.Pooled, height, width);
        var options = new DenoisingOptions
        {
            Steps = plan.Steps,
            CfgScale = plan.CfgScale,
            EmbeddedGuidance = plan.EmbeddedGuidance,
            Seeds = seeds,
            DenoisingStrength = plan.DenoisingStrength,
            TeaCacheThreshold = plan.TeaCacheThreshold,
        };
        DiffusionCondition? away = plan.CfgScale == 1 ? null : (negative ?? empty).ToCondition(stages.Placement);
        return new DenoisingRun(painter.Transformer, options, height, width, condition, away, start)
        {
            Counter = stages.Denoising.Counter,
            KeepsEstimate = plan.PreviewEvery is not null,
        };
    }

    private IEnumerable<JobState> Decode(Tensor latents, ulong[] seeds, int[] computed)
    {
        StageLease<AutoencoderDecoder>? decoder = null;
        TiledDecoding? tiles = null;
        try
        {
            foreach (JobState state in StageAccess.Acquire(stages.Cache, stages.Decoder, lease => decoder = lease, progress))
            {
                yield return state;
            }

            for (int row = 0; row < seeds.Length; row++)
            {
                tiles = new TiledDecoding(decoder!.Value, latents.narrow(0, row, 1));
                bool more = true;
                while (more)
                {
                    more = tiles.Step();
                    progress?.Report(new ProgressReport(ProgressPhase.Decoding, tiles.Completed, tiles.Count));
                    if (more)
                    {
                        yield return JobState.Working;
                    }
                }

                DecoderChoice choice = plan.Editing ? DecoderChoice.Editing : DecoderChoice.Generation;
                Pictures.Add(new DrawnPicture(ImageTensor.ToImage(tiles.Result), index, drawn, choice, plan.SettingsOf(seeds[row]), computed[row]));
                tiles.Dispose();
                tiles = null;
                yield return JobState.Working;
            }
        }
        finally
        {
            tiles?.Dispose();
            decoder?.Dispose();
        }
    }

    private IEnumerable<JobState> WithStage<T>(Stage<T> stage, Action<T> use)
        where T : class, IDisposable
    {
        StageLease<T>? held = null;
        try
        {
            foreach (JobState state in StageAccess.Acquire(stages.Cache, stage, lease => held = lease, progress))
            {
                yield return state;
            }

            use(held!.Value);
            yield return JobState.Working;
        }
        finally
        {
            held?.Dispose();
        }
    }
}
