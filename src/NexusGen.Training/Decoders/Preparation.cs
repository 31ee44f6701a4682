using System.Diagnostics;
using NexusGen.Autoregressive;
using NexusGen.Core;
using NexusGen.Diffusion.Autoencoder;
using NexusGen.Imaging;
using NexusGen.Model;
using NexusGen.Torch.Native;
using NexusGen.Training.Core;
using NexusGen.Training.Data;
using NexusGen.Weights.Files.Safetensors;
using NexusGen.Weights.Modules;
using static TorchSharp.torch;

namespace NexusGen.Training.Decoders;

/// <summary>
/// Prepares the decoders' training data, so that phase 2 needs neither vision encoder nor language model nor autoencoder: for
/// each sample the embeddings, of an edit the source's too, and the picture's latents (<c>embed_image_dataset.py</c> and
/// <c>prepare_embeddataset_for_edit.py</c> of the official repository). A stopped preparation goes on where it was.
/// </summary>
/// <remarks>
/// One thread computes: the caller's. Until it ends, the process keeps the memory that it frees; with glibc that helps most on the
/// program's first thread, whose heap has no bounds.
/// </remarks>
/// <param name="files">The model.</param>
/// <param name="load">How its parts are loaded.</param>
public sealed class Preparation(ModelFiles files, LoadOptions load)
{
    /// <summary>Writes prepared data, or the rest of it.</summary>
    /// <param name="folder">The folder; see <see cref="PreparedData"/>.</param>
    /// <param name="data">The samples; the picture that is painted is the last one. <see cref="PreparationCheck"/> tells which will do.</param>
    /// <param name="names">What the data is called, to tell one folder from another.</param>
    /// <param name="options">What is prepared.</param>
    /// <param name="progress">Hears of each batch; nobody where null.</param>
    /// <param name="stop">Stops it after the batch; whole shards stay.</param>
    /// <exception cref="OperationCanceledException">It was stopped.</exception>
    /// <exception cref="NexusGenException">
    /// The folder holds other data or such of other weights, a sample has no picture, or a file can't be written.
    /// </exception>
    public void Run(
        string folder, ISampleData<TrainingSample> data, IReadOnlyList<string> names, PreparationOptions options,
        IProgress<PreparationProgress>? progress = null, CancellationToken stop = default)
    {
        Directory.CreateDirectory(folder);
        string kind = $"{(options.Editing ? "editing" : options.Predicted ? "generation, predicted" : "generation")}, {options.Width}×{options.Height}";
        PreparedIndex index = PreparedIndex.Exists(folder)
            ? PreparedIndex.Read(folder)
            : new PreparedIndex { Data = names, Kind = kind };
        if (!index.Data.SequenceEqual(names) || index.Kind != kind)
        {
            throw new TrainingException(
                $"{folder} holds prepared data of {string.Join(", ", index.Data)} ({index.Kind}): name another folder for {string.Join(", ", names)} ({kind}).");
        }

        using var heap = new NativeHeap();
        using IDisposable inference = no_grad();
        using VisionEncoder eye = files.VisionPart.Load(load);
        using LanguageModel? model = options.Editing || options.Predicted ? files.LanguageModelPart.Load(load) : null;
        using AutoencoderEncoder autoencoder = files.EncoderHalfPart.Load(load);
        string weights = $"{load.Placement.Precision} {WeightFingerprint.Of([eye, autoencoder, .. model is null ? (Module[])[] : [model]])}";
        if (index.Samples == 0)
        {
            index = index with { Model = files.Paths.Root, Weights = weights };
        }
        else if (index.Weights.Length > 0 && index.Weights != weights)
        {
            throw new TrainingException(
                $"{folder} was prepared with other weights than {files.Paths.Root} has now, or in another precision: name another folder, or remove this one.");
        }

        var teacher = new TeacherForcing(files, eye, model);
        long before = index.Samples, start = Stopwatch.GetTimestamp();
        while (index.Samples < options.Samples)
        {
            int count = (int)Math.Min(options.ShardSamples, options.Samples - index.Samples);
            using var scope = NewDisposeScope();
            List<(Tensor Drawn, Tensor? Source, Tensor Latents)> parts = [];
            for (int done = 0; done < count; done += options.BatchSize)
            {
                stop.ThrowIfCancellationRequested();
                long first = index.Samples + done;
                TrainingSample[] samples = [.. Enumerable.Range(0, Math.Min(options.BatchSize, count - done)).Select(i => data[first + i])];
                parts.Add(Prepare(samples, options, teacher, autoencoder));
                long prepared = first + samples.Length;
                progress?.Report(new PreparationProgress
                {
                    Prepared = prepared,
                    Samples = options.Samples,
                    SamplesPerSecond = (prepared - before) / Stopwatch.GetElapsedTime(start).TotalSeconds,
                });
            }

            string name = $"shard-{index.Shards.Count:00000}.safetensors";
            List<(string, Tensor)> tensors =
            [
                (PreparedData.Drawn, cat([.. parts.Select(part => part.Drawn)], 0).to(options.Type)),
                (PreparedData.Latents, cat([.. parts.Select(part => part.Latents)], 0).to(options.Type)),
            ];
            if (options.Editing)
            {
                tensors.Add((PreparedData.Source, cat([.. parts.Select(part => part.Source!)], 0).to(options.Type)));
            }

            SafetensorsWriter.Write(Path.Combine(folder, name), tensors);
            index = index with { Shards = [.. index.Shards, name], Samples = index.Samples + count };
            index.Write(folder);
        }
    }

    private static (Tensor Drawn, Tensor? Source, Tensor Latents) Prepare(
        IReadOnlyList<TrainingSample> samples, PreparationOptions options, TeacherForcing teacher, AutoencoderEncoder autoencoder)
    {
        using var scope = NewDisposeScope();
        RgbImage[] targets = [.. samples.Select(sample => sample.Pictures.Count > 0
            ? sample.Pictures[^1]
            : throw new TrainingException("A sample has no picture, but decoders are trained on pictures."))];
        Tensor pictures = cat([.. targets.Select(picture => ImageTensor.FromImage(ImageFitting.CoverCrop(picture, options.Width, options.Height)))], 0);
        Tensor latents = autoencoder.Forward(pictures);
        Tensor drawn = options.Editing || options.Predicted ? teacher.Predict(samples) : teacher.SeeTargets(targets);
        Tensor? source = options.Editing ? teacher.SeeSources(samples) : null;
        Tensor Keep(Tensor values) => values.to(ScalarType.Float32, CPU).MoveToOuterDisposeScope();
        return (Keep(drawn), source is null ? null : Keep(source), Keep(latents));
    }
}
