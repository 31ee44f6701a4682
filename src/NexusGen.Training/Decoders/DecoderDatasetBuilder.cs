using System.Diagnostics;
using NexusGen.Autoregressive;
using NexusGen.Core;
using NexusGen.Diffusion.Autoencoder;
using NexusGen.Imaging;
using NexusGen.Model;
using NexusGen.Torch;
using NexusGen.Torch.Native;
using NexusGen.Training.Checkpoints;
using NexusGen.Training.Core;
using NexusGen.Training.Data;
using NexusGen.Training.Distributed;
using NexusGen.Weights.Files.Safetensors;
using NexusGen.Weights.Modules;
using static TorchSharp.torch;

namespace NexusGen.Training.Decoders;

/// <summary>
/// Prepares the training data of the decoders. Phase 2 then needs neither vision encoder nor language model nor autoencoder. For
/// each sample, the target embeddings, the source embeddings of an edit, and the latents of the target image are stored
/// (<c>embed_image_dataset.py</c> and <c>prepare_embeddataset_for_edit.py</c> of the official repository). A stopped preparation
/// can be continued.
/// </summary>
/// <remarks>
/// All computation runs on the caller's thread. Until it ends, the process keeps the memory that it frees. With glibc, this is
/// most effective on the main thread of the program, whose heap is unbounded.
/// </remarks>
/// <param name="files">The files of the model.</param>
/// <param name="load">The options for loading components.</param>
internal sealed class DecoderDatasetBuilder(ModelFiles files, LoadOptions load)
{
    /// <summary>Writes prepared data, or continues to write it.</summary>
    /// <param name="folder">The folder; see <see cref="DecoderDataset"/>.</param>
    /// <param name="data">
    /// The samples, whose last image is the target. They must satisfy <see cref="DecoderDatasetValidation"/>.
    /// </param>
    /// <param name="names">The names of the data sources, which identify the data of a folder.</param>
    /// <param name="options">What to prepare.</param>
    /// <param name="progress">Receives a report after each batch on the first rank, or null for none.</param>
    /// <param name="stop">Stops the preparation after the current batch. Complete shards are kept.</param>
    /// <param name="collectives">The ranks that write shards of the folder at the same time, or null for one process.</param>
    /// <exception cref="OperationCanceledException">The preparation was stopped.</exception>
    /// <exception cref="NexusGenException">
    /// The folder contains other data or data of other weights, a sample has no image, or a file can't be written.
    /// </exception>
    public void Run(
        string folder, ISampleData<TrainingSample> data, IReadOnlyList<string> names, DecoderDatasetOptions options,
        IProgress<DecoderDatasetProgress>? progress = null, CancellationToken stop = default,
        ICollectives? collectives = null)
    {
        collectives ??= SingleProcess.Instance;
        Directory.CreateDirectory(folder);
        string kind = $"{(options.Editing ? "editing" : options.Predicted ? "generation, predicted" : "generation")}, "
            + $"{options.Width}×{options.Height}";
        DecoderDatasetIndex index = DecoderDatasetIndex.Exists(folder)
            ? DecoderDatasetIndex.Read(folder)
            : new DecoderDatasetIndex { Data = names, Kind = kind };
        if (!index.Data.SequenceEqual(names) || index.Kind != kind)
        {
            throw new TrainingException(
                $"{folder} contains prepared data of {string.Join(", ", index.Data)} ({index.Kind}); choose another folder "
                + $"for {string.Join(", ", names)} ({kind}).");
        }

        using var heap = new NativeHeap();
        using IDisposable inference = no_grad();
        using VisionEncoder visionEncoder = files.VisionPart.Load(load);
        using LanguageModel? model = options.Editing || options.Predicted ? files.LanguageModelPart.Load(load) : null;
        using AutoencoderEncoder autoencoder = files.AutoencoderEncoderPart.Load(load);
        string weights = $"{load.Placement} "
            + $"{WeightFingerprint.Of([visionEncoder, autoencoder, .. model is null ? (Module[])[] : [model]])}";
        if (index.Samples == 0)
        {
            index = index with { Model = files.Paths.Root, Weights = weights };
        }
        else if (index.Weights.Length > 0 && index.Weights != weights)
        {
            throw new TrainingException(
                $"{folder} was prepared with other weights than those of {files.Paths.Root}, or in another precision; choose "
                + "another folder or delete this one.");
        }

        var teacher = new TeacherForcing(files, visionEncoder, model);
        long before = index.Samples, start = Stopwatch.GetTimestamp();
        while (index.Samples < options.Samples)
        {
            // Every rank makes one of the next shards. The index names them when all are complete.
            int round = (int)Math.Min(
                collectives.Size, (options.Samples - index.Samples + options.ShardSamples - 1) / options.ShardSamples);
            long begin = index.Samples + ((long)collectives.Rank * options.ShardSamples);
            int count = (int)Math.Clamp(options.Samples - begin, 0, options.ShardSamples);
            using var scope = NewDisposeScope();
            List<(Tensor Drawn, Tensor? Source, Tensor Latents)> parts = [];
            List<Tensor?> masks = [];
            for (int done = 0; done < options.ShardSamples && done < options.Samples - index.Samples; done += options.BatchSize)
            {
                if (collectives.Any(stop.IsCancellationRequested))
                {
                    throw new OperationCanceledException(stop);
                }

                if (done >= count)
                {
                    continue;
                }

                long first = begin + done;
                TrainingSample[] samples =
                    [.. Enumerable.Range(0, Math.Min(options.BatchSize, count - done)).Select(i => data[first + i])];
                parts.Add(Prepare(samples, options, teacher, autoencoder));
                masks.AddRange(samples.Select(sample => MaskOf(sample, options, parts[^1].Latents)));
                long prepared = Math.Min(options.Samples, index.Samples + ((long)round * (done + samples.Length)));
                progress?.Report(new DecoderDatasetProgress
                {
                    Prepared = prepared,
                    Samples = options.Samples,
                    SamplesPerSecond = (prepared - before) / Stopwatch.GetElapsedTime(start).TotalSeconds,
                });
            }

            if (count > 0)
            {
                Write(Path.Combine(folder, NameOf(index.Shards.Count + collectives.Rank)), parts, masks, options);
            }

            collectives.Barrier();
            index = index with
            {
                Shards = [.. index.Shards, .. Enumerable.Range(index.Shards.Count, round).Select(NameOf)],
                Samples = Math.Min(options.Samples, index.Samples + ((long)round * options.ShardSamples)),
            };
            if (collectives.Rank == 0)
            {
                index.Write(folder);
            }
        }

        collectives.Barrier();
    }

    private static string NameOf(int shard) => $"shard-{shard:00000}.safetensors";

    private static void Write(
        string path,
        List<(Tensor Drawn, Tensor? Source, Tensor Latents)> parts,
        List<Tensor?> masks,
        DecoderDatasetOptions options)
    {
        List<(string, Tensor)> tensors =
        [
            (DecoderDataset.Targets, cat([.. parts.Select(part => part.Drawn)], 0).to(options.Type)),
            (DecoderDataset.Latents, cat([.. parts.Select(part => part.Latents)], 0).to(options.Type)),
        ];
        if (options.Editing)
        {
            tensors.Add((DecoderDataset.Source, cat([.. parts.Select(part => part.Source!)], 0).to(options.Type)));
        }

        if (masks.Exists(mask => mask is not null))
        {
            Tensor all = ones([1, parts[0].Latents.shape[2], parts[0].Latents.shape[3]]);
            tensors.Add((DecoderDataset.Mask, stack([.. masks.Select(mask => mask ?? all)]).to(options.Type)));
        }

        SafetensorsWriter.Write(path, tensors);
    }

    // The mean of a mask over the pixels of each latent, [1, height, width], or null without a mask.
    private static Tensor? MaskOf(TrainingSample sample, DecoderDatasetOptions options, Tensor latents)
    {
        if (sample.Mask is null)
        {
            return null;
        }

        using var scope = NewDisposeScope();
        Tensor pixels = ImageTensor.FromImage(ImageFitting.CoverCrop(sample.Mask, options.Width, options.Height));
        long height = latents.shape[2], width = latents.shape[3], down = options.Height / height, across = options.Width / width;
        Tensor bright = pixels.mean([1]).Plus(Scalars.Of(1)) * Scalars.Of(0.5);
        return bright.narrow(1, 0, height * down).narrow(2, 0, width * across)
            .reshape(1, height, down, width, across).mean([2, 4]).MoveToOuterDisposeScope();
    }

    private static (Tensor Drawn, Tensor? Source, Tensor Latents) Prepare(
        IReadOnlyList<TrainingSample> samples,
        DecoderDatasetOptions options,
        TeacherForcing teacher,
        AutoencoderEncoder autoencoder)
    {
        using var scope = NewDisposeScope();
        RgbImage[] targets = [.. samples.Select(sample => sample.Images.Count > 0
            ? sample.Images[^1]
            : throw new TrainingException("A sample has no image, but decoders are trained on images."))];
        Tensor pictures = cat(
            [
                .. targets.Select(picture =>
                    ImageTensor.FromImage(ImageFitting.CoverCrop(picture, options.Width, options.Height)))
            ],
            0);
        Tensor latents = autoencoder.Forward(pictures);
        Tensor drawn = options.Editing || options.Predicted ? teacher.Predict(samples) : teacher.SeeTargets(targets);
        Tensor? source = options.Editing ? teacher.SeeSources(samples) : null;
        Tensor Keep(Tensor values) => values.to(ScalarType.Float32, CPU).MoveToOuterDisposeScope();
        return (Keep(drawn), source is null ? null : Keep(source), Keep(latents));
    }
}
