using NexusGen.Core;
using NexusGen.Imaging;
using NexusGen.Model;
using NexusGen.Text;
using NexusGen.Training.Autoregressive;
using NexusGen.Training.Core;
using NexusGen.Training.Data;

namespace NexusGen.Training.Decoders;

/// <summary>Checks whether records can be prepared for a decoder. Thread-safe.</summary>
/// <param name="files">The files of the model.</param>
/// <param name="options">What to prepare.</param>
internal sealed class DecoderDatasetValidation(ModelFiles files, DecoderDatasetOptions options)
{
    private readonly SampleEncoder _encoder = new(files, sourceGrid: files.Configuration.Grids.Source);

    /// <summary>Checks a record.</summary>
    /// <param name="sample">The record.</param>
    /// <exception cref="NexusGenException">
    /// The record has no image, generates no image although predictions are prepared, or is no edit although edits are prepared.
    /// </exception>
    public void Check(TrainingSample sample)
    {
        if (sample.Images.Count == 0)
        {
            throw new TrainingException("has no image, but decoders are trained on images");
        }

        _ = ImageFitting.CoverSize(sample.Images[^1], options.Width, options.Height);
        if (options.Editing)
        {
            SourceOf(sample);
        }
        else if (!options.Predicted)
        {
            TeacherForcing.CheckTarget(sample.Images[^1], files);
        }

        if (options.Editing || options.Predicted)
        {
            _encoder.Check(sample);
            if (RolesOfImages(sample)[^1] != ChatMessage.AssistantRole)
            {
                throw new TrainingException("generates no image, but predictions of generated images are prepared");
            }
        }
    }

    /// <summary>Returns the image that a conversation edits: the last one of the user.</summary>
    /// <exception cref="TrainingException">The conversation is no edit.</exception>
    internal static RgbImage SourceOf(TrainingSample sample)
    {
        string[] roles = RolesOfImages(sample);
        int last = Array.FindLastIndex(roles, role => role != ChatMessage.AssistantRole);
        return last >= 0 && roles[^1] == ChatMessage.AssistantRole && roles.Length == sample.Images.Count
            ? sample.Images[last]
            : throw new TrainingException("is not an edit, which requires an image of the user and one of the assistant");
    }

    private static string[] RolesOfImages(TrainingSample sample) =>
        [
            .. sample.Messages.SelectMany(message =>
                Enumerable.Repeat(message.Role, message.Content.Split(TrainingRecord.ImageMark).Length - 1))
        ];
}
