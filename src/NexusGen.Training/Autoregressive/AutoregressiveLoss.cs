using NexusGen.Autoregressive;
using NexusGen.Torch;
using NexusGen.Training.Core;
using static TorchSharp.torch;

namespace NexusGen.Training.Autoregressive;

/// <summary>
/// The loss of phase 1 (section 4 of the paper; <c>modeling_qwen2_5_vl.py</c> and <c>train/ar/template.py</c> of the official
/// repository): the cross-entropy of the tokens and, for generated image embeddings, half the squared error plus half of one
/// minus the cosine similarity. All are means over the batch.
/// </summary>
/// <param name="Total">The weighted sum, a scalar.</param>
/// <param name="Token">The cross-entropy, or 0 if no token has a loss.</param>
/// <param name="Mse">The mean squared error of the image embeddings, or 0 if none are generated.</param>
/// <param name="Cosine">One minus the mean cosine similarity of the image embeddings, or 0 if none are generated.</param>
internal sealed record AutoregressiveLoss(Tensor Total, Tensor Token, Tensor Mse, Tensor Cosine)
{
    /// <summary>Gets the predicted embeddings, [generated embeddings, width], float32, or null if none are generated.</summary>
    public Tensor? Predicted { get; init; }

    /// <summary>
    /// Computes the input embeddings of a batch: token embeddings, replaced by image embeddings at image tokens.
    /// </summary>
    /// <param name="model">The language model.</param>
    /// <param name="batch">The batch.</param>
    /// <param name="seen">The vision encoder's embeddings of all images, [embeddings, width], or null if there are none.</param>
    /// <param name="plain">
    /// Whether the inputs of generated images are their own embeddings (plain autoregression) instead of the learned inputs.
    /// </param>
    /// <returns>[batch, length, width].</returns>
    public static Tensor Inputs(LanguageModel model, AutoregressiveBatch batch, Tensor? seen, bool plain)
    {
        Device device = model.Placement.Device;
        Tensor ids = batch.Ids.to(device);
        Tensor embedded = model.Embed(ids);
        if (seen is null)
        {
            return embedded;
        }

        using var scope = NewDisposeScope();
        Tensor rows = seen.to(embedded.dtype);
        Tensor places = ids.eq(Scalars.Of(model.Configuration.ImageTokenId));
        if (!plain)
        {
            Tensor drawn = IsPredicted(batch, model).to(device);
            if (drawn.any().item<bool>())
            {
                // A generated image has as many embeddings as there are learned inputs, so its k-th position takes the k-th
                // input.
                Tensor number = (drawn.to(ScalarType.Int64).cumsum(0) - Scalars.Of(1))
                    .clamp_min(Scalars.Of(0))
                    .remainder(Scalars.Of(model.Configuration.ImageTokens));
                Tensor learned = model.ImagePrefill.to(embedded.dtype).index_select(0, number);
                rows = where(drawn.unsqueeze(-1), learned, rows);
            }
        }

        return embedded.masked_scatter(places.unsqueeze(-1).expand_as(embedded), rows).MoveToOuterDisposeScope();
    }

    /// <summary>Returns the targets of the generated embeddings: the vision encoder's own embeddings, without gradient.</summary>
    /// <param name="model">The language model.</param>
    /// <param name="batch">The batch.</param>
    /// <param name="seen">The vision encoder's embeddings of all images, or null if there are none.</param>
    /// <returns>[generated embeddings, width], or null if there are no images.</returns>
    public static Tensor? Targets(LanguageModel model, AutoregressiveBatch batch, Tensor? seen)
    {
        if (seen is null)
        {
            return null;
        }

        using var scope = NewDisposeScope();
        return seen.detach().index(TensorIndex.Tensor(IsPredicted(batch, model).to(seen.device))).MoveToOuterDisposeScope();
    }

    /// <summary>Computes the loss of a batch.</summary>
    /// <param name="model">The language model.</param>
    /// <param name="batch">The batch.</param>
    /// <param name="inputs">The result of <see cref="Inputs"/>.</param>
    /// <param name="targets">The result of <see cref="Targets"/>, or null for zeros, as in the official plain mode.</param>
    /// <param name="tokenWeight">The weight of the cross-entropy; officially 3.</param>
    /// <param name="imageWeight">The weight of the loss of the image embeddings; officially 3.</param>
    public static AutoregressiveLoss Compute(
        LanguageModel model,
        AutoregressiveBatch batch,
        Tensor inputs,
        Tensor? targets,
        double tokenWeight = 3,
        double imageWeight = 3)
    {
        Device device = model.Placement.Device;
        using var scope = NewDisposeScope();
        Tensor states = model.Forward(inputs, batch.Positions.to(device), batch.Mask?.to(device));
        long length = states.shape[1];

        // The state at a position predicts the next position. Only positions with a loss are evaluated.
        Tensor flat = states.narrow(1, 0, length - 1).reshape(-1, states.shape[2]);
        Tensor labels = batch.Labels.to(device).narrow(1, 1, length - 1).reshape(-1);
        Tensor isImage = labels.eq(Scalars.Of(model.Configuration.ImageTokenId));
        Tensor text = labels.ne(Scalars.Of(EncodedSample.NoLoss)).logical_and(isImage.logical_not()).nonzero().squeeze(1);
        Tensor zero = zeros([], dtype: ScalarType.Float32, device: device);
        Tensor token = text.shape[0] == 0
            ? zero
            : nn.functional.cross_entropy(Logits(model, flat, text).to(ScalarType.Float32), labels.index_select(0, text));
        Tensor mse = zero, cosine = zero;
        Tensor? drawn = null;
        Tensor image = isImage.nonzero().squeeze(1);
        if (image.shape[0] > 0)
        {
            drawn = model.ImageEmbeddings(flat.index_select(0, image)).to(ScalarType.Float32);
            Tensor wanted = targets?.to(ScalarType.Float32) ?? zeros_like(drawn);
            mse = nn.functional.mse_loss(drawn, wanted);
            cosine = nn.functional.cosine_similarity(drawn, wanted, dim: -1).neg().Plus(Scalars.Of(1)).mean();
        }

        Tensor total = (token * Scalars.Of(tokenWeight))
            .Plus((mse * Scalars.Of(0.5)).Plus(cosine * Scalars.Of(0.5)) * Scalars.Of(imageWeight));
        return new AutoregressiveLoss(
            total.MoveToOuterDisposeScope(),
            token.MoveToOuterDisposeScope(),
            mse.MoveToOuterDisposeScope(),
            cosine.MoveToOuterDisposeScope())
        {
            Predicted = drawn?.MoveToOuterDisposeScope(),
        };
    }

    // The number of tokens with a loss varies between batches. To reduce the number of distinct sizes, the list is padded with
    // position 0, whose additional results are discarded.
    private static Tensor Logits(LanguageModel model, Tensor states, Tensor places)
    {
        long count = places.shape[0];
        Tensor rounded = nn.functional.pad(places, [0, ShapeRounding.RoundUp(count) - count]);
        return model.Logits(states.index_select(0, rounded)).narrow(0, 0, count);
    }

    // Marks which image embeddings belong to generated images, in the order of the image tokens.
    private static Tensor IsPredicted(AutoregressiveBatch batch, LanguageModel model)
    {
        using var scope = NewDisposeScope();
        int image = model.Configuration.ImageTokenId;
        return batch.Labels.masked_select(batch.Ids.eq(Scalars.Of(image))).eq(Scalars.Of(image)).MoveToOuterDisposeScope();
    }
}
