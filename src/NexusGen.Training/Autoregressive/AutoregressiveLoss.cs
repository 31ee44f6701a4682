using NexusGen.Autoregressive;
using NexusGen.Torch;
using NexusGen.Training.Core;
using static TorchSharp.torch;

namespace NexusGen.Training.Autoregressive;

/// <summary>
/// The loss of phase 1 (section 4 of the paper; <c>modeling_qwen2_5_vl.py</c> and <c>train/ar/template.py</c> of the official
/// repository): cross-entropy of the tokens, and of the drawn embeddings half the squared error and half one minus the cosine;
/// all are means over the batch.
/// </summary>
/// <param name="Total">The weighted sum, a scalar.</param>
/// <param name="Token">The cross-entropy; 0 where no token has a loss.</param>
/// <param name="Mse">The squared error of the embeddings; 0 where none is drawn.</param>
/// <param name="Cosine">One minus the cosine of the embeddings; 0 where none is drawn.</param>
public sealed record AutoregressiveLoss(Tensor Total, Tensor Token, Tensor Mse, Tensor Cosine)
{
    /// <summary>The predicted embeddings, [drawn embeddings, width], float32; null where none is drawn.</summary>
    public Tensor? Drawn { get; init; }

    /// <summary>The inputs of a batch: embedded tokens, and embeddings where pictures stand.</summary>
    /// <param name="model">The language model.</param>
    /// <param name="batch">The batch.</param>
    /// <param name="seen">The vision encoder's embeddings of all pictures, [embeddings, width]; null where there is none.</param>
    /// <param name="plain">Whether the pictures to draw are their own inputs (plain autoregression) instead of the learned ones.</param>
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
            Tensor drawn = IsDrawn(batch, model).to(device);
            if (drawn.any().item<bool>())
            {
                // A drawn picture has as many embeddings as there are learned inputs, so its k-th place takes the k-th.
                Tensor number = (drawn.to(ScalarType.Int64).cumsum(0) - Scalars.Of(1)).clamp_min(Scalars.Of(0)).remainder(Scalars.Of(model.Configuration.ImageTokens));
                Tensor learned = model.ImagePrefill.to(embedded.dtype).index_select(0, number);
                rows = where(drawn.unsqueeze(-1), learned, rows);
            }
        }

        return embedded.masked_scatter(places.unsqueeze(-1).expand_as(embedded), rows).MoveToOuterDisposeScope();
    }

    /// <summary>What the drawn embeddings should be: the vision encoder's own, without a gradient.</summary>
    /// <param name="model">The language model.</param>
    /// <param name="batch">The batch.</param>
    /// <param name="seen">The vision encoder's embeddings of all pictures; null where there is none.</param>
    /// <returns>[drawn embeddings, width]; null where there is no picture.</returns>
    public static Tensor? Targets(LanguageModel model, AutoregressiveBatch batch, Tensor? seen)
    {
        if (seen is null)
        {
            return null;
        }

        using var scope = NewDisposeScope();
        return seen.detach().index(TensorIndex.Tensor(IsDrawn(batch, model).to(seen.device))).MoveToOuterDisposeScope();
    }

    /// <summary>The loss of a batch.</summary>
    /// <param name="model">The language model.</param>
    /// <param name="batch">The batch.</param>
    /// <param name="inputs">From <see cref="Inputs"/>.</param>
    /// <param name="targets">From <see cref="Targets"/>; zeros where null, as the official plain mode has it.</param>
    /// <param name="tokenWeight">Weight of the cross-entropy; 3 officially.</param>
    /// <param name="imageWeight">Weight of the embeddings' error; 3 officially.</param>
    public static AutoregressiveLoss Compute(
        LanguageModel model, AutoregressiveBatch batch, Tensor inputs, Tensor? targets, double tokenWeight = 3, double imageWeight = 3)
    {
        Device device = model.Placement.Device;
        using var scope = NewDisposeScope();
        Tensor states = model.Forward(inputs, batch.Positions.to(device), batch.Mask?.to(device));
        long length = states.shape[1];

        // The state at a place predicts what stands at the next one; only places with a loss are scored.
        Tensor flat = states.narrow(1, 0, length - 1).reshape(-1, states.shape[2]);
        Tensor labels = batch.Labels.to(device).narrow(1, 1, length - 1).reshape(-1);
        Tensor isImage = labels.eq(Scalars.Of(model.Configuration.ImageTokenId));
        Tensor text = labels.ne(Scalars.Of(EncodedSample.NoLoss)).logical_and(isImage.logical_not()).nonzero().squeeze(1);
        Tensor zero = zeros([], dtype: ScalarType.Float32, device: device);
        Tensor token = text.shape[0] == 0 ? zero : nn.functional.cross_entropy(Logits(model, flat, text).to(ScalarType.Float32), labels.index_select(0, text));
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

        Tensor total = (token * Scalars.Of(tokenWeight)).Plus((mse * Scalars.Of(0.5)).Plus(cosine * Scalars.Of(0.5)) * Scalars.Of(imageWeight));
        return new AutoregressiveLoss(
            total.MoveToOuterDisposeScope(), token.MoveToOuterDisposeScope(), mse.MoveToOuterDisposeScope(), cosine.MoveToOuterDisposeScope())
        {
            Drawn = drawn?.MoveToOuterDisposeScope(),
        };
    }

    // How many tokens are scored differs from batch to batch; the first place is computed again and left out to make few sizes of it.
    private static Tensor Logits(LanguageModel model, Tensor states, Tensor places)
    {
        long count = places.shape[0];
        Tensor rounded = nn.functional.pad(places, [0, FewSizes.RoundUp(count) - count]);
        return model.Logits(states.index_select(0, rounded)).narrow(0, 0, count);
    }

    // Which of the pictures' embeddings are drawn ones, in the order of the image tokens.
    private static Tensor IsDrawn(AutoregressiveBatch batch, LanguageModel model)
    {
        using var scope = NewDisposeScope();
        int image = model.Configuration.ImageTokenId;
        return batch.Labels.masked_select(batch.Ids.eq(Scalars.Of(image))).eq(Scalars.Of(image)).MoveToOuterDisposeScope();
    }
}
